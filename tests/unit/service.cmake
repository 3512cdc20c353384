taus_test(service_test SOURCES service_life_test.cc service_time_test.cc service_commands_test.cc service_retry_test.cc
  LIBS taus_service)
