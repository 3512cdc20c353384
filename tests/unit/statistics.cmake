find_package(rapidcheck REQUIRED)
taus_test(statistics_test SOURCES statistics_count_test.cc statistics_publication_test.cc LIBS taus_projections rapidcheck)
if(EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/service_support.h) # comes with the service's own tests
  taus_test(service_statistics_test SOURCES service_statistics_test.cc service_survey_test.cc LIBS taus_service)
  set(differencing statistics_differencing_test.cc)
  taus_test(statistics_differencing_test SOURCES ${differencing} LIBS taus_service)
  # taus_planted_statistics(NAME SOURCE file DEFINE bug FAILS test): the same with a bug in it must fail that test.
  function(taus_planted_statistics name)
    cmake_parse_arguments(ARG "" "SOURCE;DEFINE;FAILS" "" ${ARGN})
    add_executable(${name} ${differencing} ${CMAKE_SOURCE_DIR}/${ARG_SOURCE})
    target_compile_definitions(${name} PRIVATE ${ARG_DEFINE})
    target_link_libraries(${name} PRIVATE taus_service GTest::gtest GTest::gmock GTest::gtest_main)
    add_test(NAME ${name}${TAUS_TEST_SUFFIX} COMMAND ${name} --gtest_filter=${ARG_FAILS})
    set_tests_properties(${name}${TAUS_TEST_SUFFIX} PROPERTIES TIMEOUT ${TAUS_TEST_TIMEOUT} PASS_REGULAR_EXPRESSION "FAILED  . ${ARG_FAILS}")
  endfunction()
  taus_planted_statistics(statistics_planted_alone SOURCE projections/statistics.cc DEFINE TAUS_PLANT_FOLD_ALONE
    FAILS Differencing.NoStateOfTheStoreNamesOneClientsAnswers)
  taus_planted_statistics(statistics_planted_old_tally SOURCE daemon/service/yearbook.cc DEFINE TAUS_PLANT_OLD_TALLY_KEPT
    FAILS Differencing.NoStateOfTheStoreNamesOneClientsAnswers)
  taus_planted_statistics(statistics_planted_no_cover SOURCE projections/publication.cc DEFINE TAUS_PLANT_NO_COVER
    FAILS Differencing.ThePublishedYearsTellTheHeadAndNotTheAnswers)
  taus_planted_statistics(statistics_planted_erased_counted SOURCE daemon/service/yearbook.cc DEFINE TAUS_PLANT_ERASED_COUNTED
    FAILS Differencing.AnErasedFactIsInNoTally)
endif()
