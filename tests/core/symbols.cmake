# Fails if a target defines a symbol with code outside its namespace, or one that another target defines.
# The linker keeps one of several weak copies, which may hold instructions that a CPU lacks.
#
#     cmake -DNM=nm -DTARGETS=scalar,simd -Dobjects_scalar=a.o,b.o -Dobjects_simd=… -P symbols.cmake
string(REPLACE "," ";" TARGETS "${TARGETS}")
foreach(target IN LISTS TARGETS)
  string(REPLACE "," ";" objects "${objects_${target}}")
  execute_process(COMMAND "${NM}" --defined-only ${objects} OUTPUT_VARIABLE symbols
                  COMMAND_ERROR_IS_FATAL ANY)
  # Global and weak: T, W, V. Local ones (t) are each target's own.
  string(REGEX MATCHALL " [TWVu] [^\n]+" symbols "${symbols}")
  list(TRANSFORM symbols REPLACE "^ [TWVu] " "")
  list(REMOVE_DUPLICATES symbols)
  list(LENGTH symbols count)
  if(count LESS 3)
    message(FATAL_ERROR "only ${count} symbols in the objects of ${target}")
  endif()
  message("${target}: ${count} symbols with code")
  foreach(symbol IN LISTS symbols)
    if(NOT symbol MATCHES "3qkv[0-9]+${target}") # qkv::<target>, mangled
      message(SEND_ERROR "${symbol} is not in the namespace of ${target}")
    endif()
    if(DEFINED "owner_${symbol}")
      message(SEND_ERROR "${symbol} is defined by ${owner_${symbol}} and ${target}")
    endif()
    set("owner_${symbol}" ${target})
  endforeach()
endforeach()
