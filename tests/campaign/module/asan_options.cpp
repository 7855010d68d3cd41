// What AddressSanitizer does in a module of the package.

extern "C" const char* __asan_default_options() { // NOLINT: the sanitizer's name
  // malloc returns null where memory ends: the package tests that. Modules never exit.
  return "allocator_may_return_null=1:detect_leaks=0";
}
