if(TARGET tausctl AND TARGET tausd)
  taus_python_test(e2e_calendar_feed SCRIPT calendar_feed_test.py ARGS ${CMAKE_BINARY_DIR})
endif()
