find_package(rapidcheck REQUIRED)
taus_test(schema_test
  SOURCES schema_part_test.cc schema_json_test.cc schema_text_test.cc
  LIBS taus_api taus_schema rapidcheck)
