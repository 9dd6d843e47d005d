/*
 * report.c - `storhost inf`: everything that a file says, for one device or for all.
 */
#include "inf/describe.h"

#include <errno.h>

enum { PLANS_MAX = 256 };

struct report {
    FILE *out;
    struct inf_file *file;
    const struct inf_system *system;
    bool json;
    unsigned plan_count;
    const char *installed[PLANS_MAX];
};

static void plan_print(struct report *report, const struct inf_plan *plan)
{
    if (!report->json) {
        fputc('\n', report->out);
        inf_describe(report->out, plan);
        return;
    }
    fputs(report->plan_count ? ",\n  " : "\n  ", report->out);
    inf_describe_json(report->out, plan);
}

/* Models that are installed alike differ in nothing but what they are called. */
static bool is_reported(const struct report *report, const char *install)
{
    for (unsigned i = 0; i < report->plan_count; i++)
        if (inf_equal(report->installed[i], install))
            return true;
    return false;
}

static int report_all(struct report *report, const struct inf_model *const *models, unsigned count)
{
    int error = 0;

    for (unsigned i = 0; i < count && !error; i++) {
        struct inf_plan plan;
        if (is_reported(report, models[i]->install))
            continue;
        if (report->plan_count == PLANS_MAX) {
            inf_note(report->file, models[i]->number,
                     "more than %d ways of installing: ask for a device", PLANS_MAX);
            break;
        }
        error = inf_plan_of_model(&plan, report->file, report->system, models[i]);
        if (error)
            break;
        plan_print(report, &plan);
        report->installed[report->plan_count++] = models[i]->install;
    }
    return error;
}

static int report_plans(struct report *report, const struct inf_model *const *models,
                        unsigned count, const struct inf_ids *ids)
{
    struct inf_plan plan;

    if (!ids)
        return report_all(report, models, count);
    int error = inf_plan_make(&plan, report->file, report->system, ids);
    if (!error)
        plan_print(report, &plan);
    return error;
}

int inf_report(FILE *out, struct inf_file *file, const struct inf_system *system,
               const struct inf_ids *ids, bool json)
{
    struct report report = {.out = out, .file = file, .system = system, .json = json};
    const struct inf_model **models = NULL;
    struct inf_plan head;
    unsigned count = 0;
    int error = inf_plan_begin(&head, file, system);

    if (!error)
        error = inf_models(&models, &count, file, system);
    if (error)
        return error;
    if (json) {
        inf_describe_file_json(out, &head);
        inf_describe_models_json(out, models, count);
        fputs(",\n \"plans\": [", out);
    } else {
        inf_describe_file(out, &head);
        inf_describe_models(out, models, ids ? 0 : count);
    }
    error = report_plans(&report, models, count, ids);
    if (error)
        return error;
    if (json) {
        fputs("]", out);
        inf_describe_notes_json(out, file->set);
    } else {
        inf_describe_notes(out, file->set);
    }
    return 0;
}
