# taus_capnp(out_sources FILES a/b.capnp ...): compiles schemas (paths from the repository root, which is also the import path) into
# ${CMAKE_BINARY_DIR}/generated, so that `#include "a/b.capnp.h"` works; out_sources gets the generated .capnp.c++ files.
find_program(TAUS_CAPNP capnp REQUIRED)
find_program(TAUS_CAPNPC_CXX capnpc-c++ REQUIRED)
set(TAUS_GENERATED ${CMAKE_BINARY_DIR}/generated CACHE INTERNAL "where generated sources go")
file(MAKE_DIRECTORY ${TAUS_GENERATED})

function(taus_capnp out_sources)
  cmake_parse_arguments(ARG "" "" "FILES;IMPORTS" ${ARGN})
  set(sources)
  set(inputs)
  foreach(file ${ARG_IMPORTS})
    list(APPEND inputs ${CMAKE_SOURCE_DIR}/${file})
  endforeach()
  foreach(file ${ARG_FILES})
    set(made ${TAUS_GENERATED}/${file})
    add_custom_command(
      OUTPUT ${made}.h ${made}.c++
      COMMAND ${TAUS_CAPNP} compile -I${CMAKE_SOURCE_DIR} --src-prefix=${CMAKE_SOURCE_DIR}
              -o${TAUS_CAPNPC_CXX}:${TAUS_GENERATED} ${CMAKE_SOURCE_DIR}/${file}
      DEPENDS ${CMAKE_SOURCE_DIR}/${file} ${inputs}
      COMMENT "capnp ${file}" VERBATIM)
    # Generated code is not ours to keep free of warnings.
    set_source_files_properties(${made}.c++ PROPERTIES COMPILE_OPTIONS "-w;-Wno-error")
    list(APPEND sources ${made}.c++ ${made}.h)
  endforeach()
  set(${out_sources} ${sources} PARENT_SCOPE)
endfunction()
