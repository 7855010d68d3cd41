// Embind's JavaScript for a module that binds functions on numbers, constants and enums, and nothing
// else: what Emscripten brings for every type (strings, views, values, names for its errors) is three
// quarters of the glue, and keeps printf in the module. Linked with --js-library (CMakeLists.txt).

const library = {
  $textAt: (address) => {
    let text = '';
    for (let at = address; HEAPU8[at]; ++at) text += String.fromCharCode(HEAPU8[at]);
    return text;
  },

  $unsignedTypes: '=new Set()',
  _embind_register_integer__deps: ['$unsignedTypes'],
  _embind_register_integer: (type, _name, _size, least, _most) => {
    if (least === 0) unsignedTypes.add(type);
  },

  _embind_register_constant__deps: ['$textAt'],
  _embind_register_constant: (name, _type, value) => {
    Module[textAt(name)] = value;
  },

  $enumOfType: '=new Map()',
  _embind_register_enum__deps: ['$textAt', '$enumOfType'],
  _embind_register_enum: (type, name, _size, _isSigned) => {
    Module[textAt(name)] = {};
    enumOfType.set(type, Module[textAt(name)]);
  },
  _embind_register_enum_value__deps: ['$textAt', '$enumOfType'],
  _embind_register_enum_value: (type, name, value) => {
    enumOfType.get(type)[textAt(name)] = { value };
  },

  // WebAssembly takes any number for an address; results are signed, and an address may be above 2 GB.
  _embind_register_function__deps: ['$textAt', '$unsignedTypes', '$wasmTable'],
  _embind_register_function: (
    name,
    _count,
    types,
    _signature,
    invoker,
    target,
    _async,
    _nonnull,
  ) => {
    const invoke = wasmTable.get(invoker);
    Module[textAt(name)] = unsignedTypes.has(HEAPU32[types >> 2])
      ? (...numbers) => invoke(target, ...numbers) >>> 0
      : (...numbers) => invoke(target, ...numbers);
  },
};

// Embind registers every type it knows, whether it is bound or not.
for (const type of 'void bool float bigint std_string std_wstring emval memory_view'.split(' ')) {
  library[`_embind_register_${type}`] = '() => {}';
  library[`_embind_register_${type}__deps`] = [];
}
addToLibrary(library);
