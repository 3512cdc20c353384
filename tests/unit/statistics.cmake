find_package(rapidcheck REQUIRED)
taus_test(statistics_test SOURCES statistics_count_test.cc statistics_publication_test.cc LIBS taus_projections rapidcheck)
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/service_support.h) # comes with the service's own tests
  taus_test(service_statistics_test SOURCES service_statistics_test.cc LIBS taus_service)
endif()
