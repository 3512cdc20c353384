if(TARGET tausctl AND TARGET tausd)
  taus_python_test(e2e_seed SCRIPT seed_test.py ARGS ${CMAKE_BINARY_DIR})
endif()
