'use client';
import { createAttention } from 'qkv';
import { createAttentionPool } from 'qkv/pool';
import { useEffect } from 'react';
import { probe } from '../probe/probe.mjs';

// Rendered on the server too: importing the package there must do nothing.
export default function Client({ server }) {
  useEffect(() => {
    import('../probe/page.mjs').then(({ show }) =>
      show({ server, page: probe({ createAttention, createAttentionPool }) }),
    );
  }, [server]);
  return <h1>A Next.js page</h1>;
}
