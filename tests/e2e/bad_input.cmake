# What must be refused, through the real socket and at start; and who may see what.
if(TARGET tausctl AND TARGET tausd)
  taus_python_test(e2e_bad_input SCRIPT bad_input_test.py ARGS ${CMAKE_BINARY_DIR})
endif()
