if(TARGET tausd AND TARGET tausctl)
  taus_python_test(e2e_desk SCRIPT desk_test.py ARGS ${CMAKE_BINARY_DIR})
endif()
