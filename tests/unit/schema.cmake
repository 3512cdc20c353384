find_package(rapidcheck REQUIRED)
taus_test(schema_test
  SOURCES schema_part_test.cc schema_json_test.cc schema_labels_test.cc schema_text_test.cc
  LIBS taus_api taus_schema rapidcheck)

# Schemas that must not build, each with the message that says why; `good` proves that the check itself can pass.
file(GLOB bad_schemas CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/schema_bad/*.capnp)
foreach(file ${bad_schemas})
  get_filename_component(bad ${file} NAME_WE)
  add_test(NAME schema_bad_${bad}${TAUS_TEST_SUFFIX}
           COMMAND ${CMAKE_COMMAND} -DSCHEMA=${file} -DCAPNP=${TAUS_CAPNP} -DPLUGIN=$<TARGET_FILE:capnpc-taus> -DROOT=${CMAKE_SOURCE_DIR}
                   -DOUT=${CMAKE_CURRENT_BINARY_DIR}/schema_bad/${bad} -P ${CMAKE_SOURCE_DIR}/tests/schema_bad/check.cmake)
endforeach()
