// In the place of Emscripten's libembind, which registers sixty types that are not bound and brings
// printf for the names of others. embind.library.js is the JavaScript side.
#include <emscripten/bind.h>

namespace emscripten::internal {

extern "C" {

/// Embind binds on construction, and keeps a list for threads that share the module: there are
/// none.
void _embind_register_bindings(InitFunc* /*bindings*/) {}
}

} // namespace emscripten::internal
