/*
 * plan.h - what the files that make a plan share.
 */
#ifndef STORHOST_INF_PLAN_H
#define STORHOST_INF_PLAN_H

#include "inf/inf.h"

/* Calls `visit` for each line of the section and of those that it Needs, in order; stops at the
 * first error. */
typedef int (*inf_visit)(struct inf_plan *plan, const struct inf_file *file,
                         const struct inf_line *line);
int inf_section_walk(struct inf_plan *plan, const struct inf_file *file,
                     const struct inf_section *section, inf_visit visit);

/* The section that a directive names; NULL after a refusal with its line. */
const struct inf_section *inf_section_named(const struct inf_file *file,
                                            const struct inf_line *line, const char *name);

/* The part of the model's install section of that name ("Services"); NULL: it has none. */
const struct inf_section *inf_install_part(const struct inf_plan *plan, const char *part);

/* The operations of a section's DelReg, AddReg and BitReg directives, relative to `root`. */
int inf_registry_plan(struct inf_plan *plan, const struct inf_file *file,
                      const struct inf_section *section, enum inf_root root);

/* Counts what the plan looks at, so that a file cannot make it look for ever. False after a
 * refusal. */
bool inf_plan_count(struct inf_plan *plan, const struct inf_file *file, unsigned number);

/* The plan's service, from INSTALL.Services. */
int inf_service_plan(struct inf_plan *plan);
/* Where the binary comes from in the package; after the service. */
int inf_source_plan(struct inf_plan *plan);

#endif
