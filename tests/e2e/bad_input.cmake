# What must be refused, through the real socket and at start; what does not fit; and who may see what.
if(TARGET tausctl AND TARGET tausd)
  taus_python_test(e2e_bad_input SCRIPT bad_input_test.py ARGS ${CMAKE_BINARY_DIR})
  taus_python_test(e2e_bad_command SCRIPT bad_command_test.py ARGS ${CMAKE_BINARY_DIR})
  taus_python_test(e2e_bad_store SCRIPT bad_store_test.py ARGS ${CMAKE_BINARY_DIR})
  taus_python_test(e2e_full SCRIPT full_test.py ARGS ${CMAKE_BINARY_DIR})
  taus_python_test(e2e_roles SCRIPT roles_test.py ARGS ${CMAKE_BINARY_DIR})
  taus_python_test(e2e_roles_states SCRIPT roles_states_test.py ARGS ${CMAKE_BINARY_DIR})
endif()
