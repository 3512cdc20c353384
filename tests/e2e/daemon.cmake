if(TARGET tausd)
  taus_python_test(e2e_daemon_process SCRIPT daemon_process_test.py ARGS ${CMAKE_BINARY_DIR})
endif()
