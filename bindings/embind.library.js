// Embind's JavaScript for a module that binds functions on numbers, constants and enums, and nothing
// else: what Emscripten brings for every type (strings, views, values, names for its errors) is three
// quarters of the glue. Linked with --js-library in the place of -lembind (CMakeLists.txt).

addToLibrary({
  $textAt: (address) => {
    let text = '';
    for (let at = address; HEAPU8[at]; ++at) text += String.fromCharCode(HEAPU8[at]);
    return text;
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

  // On numbers a function needs no invoker. What it returns is an address or a size, and WebAssembly's
  // are signed: those from 2 GB on would be negative.
  _embind_register_function__deps: ['$textAt', '$wasmTable'],
  _embind_register_function: (
    name,
    _count,
    _types,
    signature,
    _invoker,
    target,
    _async,
    _nonnull,
  ) => {
    const call = wasmTable.get(target);
    Module[textAt(name)] =
      textAt(signature)[0] === 'v' ? call : (...numbers) => call(...numbers) >>> 0;
  },
});
