taus_test(service_test SOURCES service_life_test.cc service_time_test.cc service_commands_test.cc service_retry_test.cc service_rights_test.cc
  service_desk_test.cc service_match_test.cc service_consent_test.cc service_notices_test.cc
  LIBS taus_service)
# A shred that asks for no granted erasure must fail the test of that.
if(TARGET taus_service)
  add_executable(service_planted_any_decision service_rights_test.cc ${CMAKE_SOURCE_DIR}/daemon/service/erasure.cc)
  target_compile_definitions(service_planted_any_decision PRIVATE TAUS_PLANT_ANY_DECISION)
  target_link_libraries(service_planted_any_decision PRIVATE taus_service GTest::gtest GTest::gmock GTest::gtest_main)
  set(fails RightsDesk.NothingIsShreddedByWhatIsNoGrantedErasureOfThisClient)
  add_test(NAME service_planted_any_decision${TAUS_TEST_SUFFIX} COMMAND service_planted_any_decision --gtest_filter=${fails})
  set_tests_properties(service_planted_any_decision${TAUS_TEST_SUFFIX} PROPERTIES TIMEOUT ${TAUS_TEST_TIMEOUT} PASS_REGULAR_EXPRESSION "FAILED  . ${fails}")
  add_dependencies(taus_tests service_planted_any_decision)
endif()
# A withdrawal that says nothing of those who were given data must fail the test of that.
if(TARGET taus_service)
  add_executable(service_planted_recipients_forgotten service_notices_test.cc ${CMAKE_SOURCE_DIR}/daemon/service/erasure.cc)
  target_compile_definitions(service_planted_recipients_forgotten PRIVATE TAUS_PLANT_RECIPIENTS_FORGOTTEN)
  target_link_libraries(service_planted_recipients_forgotten PRIVATE taus_service GTest::gtest GTest::gmock GTest::gtest_main)
  set(fails Notices.OfAWithdrawalInTheAnswerThatTheErasureReleases)
  add_test(NAME service_planted_recipients_forgotten${TAUS_TEST_SUFFIX} COMMAND service_planted_recipients_forgotten --gtest_filter=${fails})
  set_tests_properties(service_planted_recipients_forgotten${TAUS_TEST_SUFFIX} PROPERTIES TIMEOUT ${TAUS_TEST_TIMEOUT} PASS_REGULAR_EXPRESSION "FAILED  . ${fails}")
  add_dependencies(taus_tests service_planted_recipients_forgotten)
endif()
