# Emscripten's own toolchain file, wherever emcc on PATH keeps it, and the Node that runs tests:
# QKV_NODE from the environment (relaxed SIMD needs Node 22 or newer), else the one on PATH.
find_program(QKV_EM_CONFIG em-config REQUIRED)
execute_process(
  COMMAND "${QKV_EM_CONFIG}" EMSCRIPTEN_ROOT
  OUTPUT_VARIABLE emscripten_root
  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
if(DEFINED ENV{QKV_NODE})
  set(CMAKE_CROSSCOMPILING_EMULATOR "$ENV{QKV_NODE}" CACHE STRING "Runs the tests")
endif()
include("${emscripten_root}/cmake/Modules/Platform/Emscripten.cmake")
