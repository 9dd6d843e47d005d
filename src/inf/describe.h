/*
 * describe.h - words that both printed forms of a plan use.
 */
#ifndef STORHOST_INF_DESCRIBE_H
#define STORHOST_INF_DESCRIBE_H

#include "inf/inf.h"

extern const char *const inf_root_names[], *const inf_action_names[];
const char *inf_type_name(uint32_t type, char text[16]);
/* Why a rank is what it is. */
const char *inf_match_name(uint32_t rank);
/* The data of a value as a little-endian number. */
uint64_t inf_operation_number(const struct inf_operation *operation);
bool inf_operation_is_number(const struct inf_operation *operation);

/* The parts of a report, in their order: describe.c, and describe_json.c. */
void inf_describe_file(FILE *out, const struct inf_plan *plan);
void inf_describe_models(FILE *out, const struct inf_model *const *models, unsigned count);
void inf_describe(FILE *out, const struct inf_plan *plan);
void inf_describe_notes(FILE *out, const struct inf_set *set);

void inf_describe_file_json(FILE *out, const struct inf_plan *plan);
void inf_describe_models_json(FILE *out, const struct inf_model *const *models, unsigned count);
void inf_describe_json(FILE *out, const struct inf_plan *plan);
void inf_describe_notes_json(FILE *out, const struct inf_set *set);

#endif
