// A model of one node as the bytes of an .onnx file, with the part of onnx.proto that it needs.

import protobuf from 'protobufjs';

const one = (id, type) => ({ id, type });
const many = (id, type) => ({ id, type, rule: 'repeated' });
const MESSAGES = {
  ModelProto: {
    ir_version: one(1, 'int64'),
    graph: one(7, 'GraphProto'),
    opset_import: many(8, 'OperatorSetIdProto'),
  },
  OperatorSetIdProto: { domain: one(1, 'string'), version: one(2, 'int64') },
  GraphProto: {
    node: many(1, 'NodeProto'),
    name: one(2, 'string'),
    initializer: many(5, 'TensorProto'),
    input: many(11, 'ValueInfoProto'),
    output: many(12, 'ValueInfoProto'),
  },
  NodeProto: {
    input: many(1, 'string'),
    output: many(2, 'string'),
    op_type: one(4, 'string'),
    attribute: many(5, 'AttributeProto'),
    domain: one(7, 'string'),
  },
  TensorProto: {
    dims: many(1, 'int64'),
    data_type: one(2, 'int32'),
    name: one(8, 'string'),
    external_data: many(13, 'StringStringEntryProto'),
    data_location: one(14, 'int32'),
  },
  StringStringEntryProto: { key: one(1, 'string'), value: one(2, 'string') },
  AttributeProto: {
    name: one(1, 'string'),
    f: one(2, 'float'),
    i: one(3, 'int64'),
    type: one(20, 'int32'),
  },
  ValueInfoProto: { name: one(1, 'string'), type: one(2, 'TypeProto') },
  TypeProto: { tensor_type: one(1, 'TensorTypeProto') },
  TensorTypeProto: { elem_type: one(1, 'int32') },
};
const nested = Object.entries(MESSAGES).map(([name, fields]) => [name, { fields }]);
const Model = protobuf.Root.fromJSON(
  { nested: Object.fromEntries(nested) },
  new protobuf.Root(),
).lookupType('ModelProto');

const ELEMENT_TYPES = { float32: 1, int64: 7, bool: 9 };
const ATTRIBUTE_TYPES = { f: 1, i: 2 };
const FLOATS = ['scale', 'softcap'];
const IR_VERSION = 10;

/**
 * The model whose only node is `op` of `domain`, ONNX's own by default. `inputs` and `outputs` are [slot's
 * name, dtype or undefined] in the op's order; those without a dtype are left out. `constants` are
 * { name, shape, bytes }: inputs in float32 whose numbers are in the file of that name beside the model.
 */
export function modelOf({ op, domain = '', opset, attributes, inputs, outputs, constants = [] }) {
  const names = (slots) => slots.map(([name, dtype]) => (dtype ? name : ''));
  const isConstant = (name) => constants.some((constant) => constant.name === name);
  const values = (slots) =>
    slots
      .filter(([name, dtype]) => dtype && !isConstant(name))
      .map(([name, dtype]) => ({
        name,
        type: { tensor_type: { elem_type: ELEMENT_TYPES[dtype] } },
      }));
  const attribute = Object.entries(attributes).map(([name, value]) => {
    const member = FLOATS.includes(name) ? 'f' : 'i';
    return { name, [member]: value, type: ATTRIBUTE_TYPES[member] };
  });
  const node = { op_type: op, domain, input: names(inputs), output: names(outputs), attribute };
  const model = {
    ir_version: IR_VERSION,
    opset_import: [{ domain, version: opset }],
    graph: {
      name: op,
      node: [node],
      initializer: constants.map(initializerOf),
      input: values(inputs),
      output: values(outputs),
    },
  };
  return Model.encode(Model.fromObject(model)).finish();
}

const EXTERNAL = 1;

function initializerOf({ name, shape, bytes }) {
  const where = { location: name, offset: 0, length: bytes };
  return {
    name,
    dims: shape,
    data_type: ELEMENT_TYPES.float32,
    data_location: EXTERNAL,
    external_data: Object.entries(where).map(([key, value]) => ({ key, value: String(value) })),
  };
}
