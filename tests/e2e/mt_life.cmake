if(TARGET tausd)
  taus_python_test(e2e_mt_life SCRIPT mt_life_test.py ARGS ${CMAKE_BINARY_DIR})
endif()
