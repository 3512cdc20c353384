find_package(rapidcheck REQUIRED)
taus_test(eventstore_test SOURCES eventstore_append_test.cc eventstore_ids_test.cc eventstore_requests_test.cc eventstore_start_test.cc
  LIBS taus_eventstore rapidcheck)
