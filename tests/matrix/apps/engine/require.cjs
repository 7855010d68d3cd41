const { createAttention } = require('qkv');
const { createAttentionPool } = require('qkv/pool');
const { probe, settled } = require('./probe/probe.mjs');

settled(probe({ createAttention, createAttentionPool })).then((report) =>
  console.log(JSON.stringify(report)),
);
