# What must be refused, through the real socket and at start; and who may see what.
if(TARGET tausctl AND TARGET tausd)
  foreach(name bad_input bad_command bad_store full roles)
    taus_python_test(e2e_${name} SCRIPT ${name}_test.py ARGS ${CMAKE_BINARY_DIR})
  endforeach()
endif()
