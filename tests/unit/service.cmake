taus_test(service_test SOURCES service_life_test.cc service_time_test.cc service_commands_test.cc service_retry_test.cc service_rights_test.cc
  service_desk_test.cc service_match_test.cc service_consent_test.cc service_notices_test.cc service_traces_test.cc service_replica_test.cc service_evidence_test.cc service_reopening_test.cc service_feed_test.cc service_withdrawal_test.cc service_lives_test.cc service_history_test.cc service_kept_test.cc service_record_test.cc service_nonsense_test.cc
  LIBS taus_service)
# taus_planted_service(NAME TESTS file SOURCE file DEFINE bug FAILS test): the same with a bug in it must fail that test.
function(taus_planted_service name)
  cmake_parse_arguments(ARG "" "TESTS;SOURCE;DEFINE;FAILS" "" ${ARGN})
  add_executable(${name} ${ARG_TESTS} ${CMAKE_SOURCE_DIR}/daemon/service/${ARG_SOURCE})
  target_compile_definitions(${name} PRIVATE ${ARG_DEFINE})
  target_link_libraries(${name} PRIVATE taus_service GTest::gtest GTest::gmock GTest::gtest_main)
  add_test(NAME ${name}${TAUS_TEST_SUFFIX} COMMAND ${name} --gtest_filter=${ARG_FAILS})
  set_tests_properties(${name}${TAUS_TEST_SUFFIX} PROPERTIES TIMEOUT ${TAUS_TEST_TIMEOUT} PASS_REGULAR_EXPRESSION "FAILED  . ${ARG_FAILS}")
  add_dependencies(taus_tests ${name})
endfunction()
if(TARGET taus_service)
  # A shred that asks for no granted erasure; a withdrawal that forgets who was given data; a trace that says the day of a read; a feed
  # that asks nobody who may see what; work with what a hold keeps after a withdrawal; an erasure that takes along what the rest goes by.
  taus_planted_service(service_planted_any_decision TESTS service_rights_test.cc SOURCE erasure.cc DEFINE TAUS_PLANT_ANY_DECISION
    FAILS RightsDesk.NothingIsShreddedByWhatIsNoGrantedErasureOfThisClient)
  taus_planted_service(service_planted_recipients_forgotten TESTS service_notices_test.cc SOURCE erasure.cc
    DEFINE TAUS_PLANT_RECIPIENTS_FORGOTTEN FAILS Notices.OfAWithdrawalInTheAnswerThatTheErasureReleases)
  taus_planted_service(service_planted_trace_to_the_day TESTS service_traces_test.cc SOURCE traces.cc
    DEFINE TAUS_PLANT_TRACE_TO_THE_DAY FAILS Traces.NoDayAndNoClientAreInThem)
  taus_planted_service(service_planted_work_after_withdrawal TESTS service_withdrawal_test.cc SOURCE case.cc
    DEFINE TAUS_PLANT_WORK_AFTER_WITHDRAWAL FAILS Withdrawal.NoWorkGoesOnWithWhatAHoldKeeps)
  taus_planted_service(service_planted_work_in_lives TESTS service_lives_test.cc SOURCE case.cc
    DEFINE TAUS_PLANT_WORK_AFTER_WITHDRAWAL FAILS Profiles/Lives.AreForgottenInTime/0)
  taus_planted_service(service_planted_facts_forgotten TESTS service_kept_test.cc SOURCE kept_facts.cc
    DEFINE TAUS_PLANT_FACTS_FORGOTTEN FAILS Erasing.OfAppointmentsLeavesTheRestItsTime)
  taus_planted_service(service_planted_feed_unchecked TESTS service_feed_test.cc SOURCE feed.cc
    DEFINE TAUS_PLANT_FEED_UNCHECKED FAILS Feed.TellsWhatTimelinesShow)
endif()
