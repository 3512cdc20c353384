find_package(rapidcheck REQUIRED)
taus_test(base_zone_test SOURCES base_zone_test.cc LIBS taus_base)
taus_test(policy_test
  SOURCES policy_access_test.cc policy_code_lists_test.cc policy_explain_test.cc policy_expression_test.cc policy_invariant_test.cc policy_profile_test.cc
          policy_retention_test.cc
  LIBS taus_policy rapidcheck)
if(TARGET policy_test)
  target_compile_definitions(policy_test PRIVATE TAUS_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/unit/data")
endif()

# An independent second opinion on the rules, and the proof that it would notice a wrong one.
if(NOT TAUS_SANITIZE AND NOT TAUS_FUZZ AND NOT TAUS_TEST_ONLY)
  find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
  add_executable(policy_explain_cli policy_explain_cli.cc)
  target_link_libraries(policy_explain_cli PRIVATE taus_policy)
  set(oracle ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tests/e2e/retention_oracle.py)
  foreach(profile vt mt)
    add_test(NAME retention_oracle_${profile}
      COMMAND ${oracle} --profile ${profile} --cases 10000 --seed 20250310 -- $<TARGET_FILE:policy_explain_cli>)
    add_test(NAME retention_oracle_${profile}_planted
      COMMAND ${oracle} --profile ${profile} --cases 1000 --seed 1 --expect-mismatch -- $<TARGET_FILE:policy_explain_cli> --plant)
  endforeach()
endif()
