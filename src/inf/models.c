/*
 * models.c - manufacturers and their models, and how well a model suits a device ("Identifier
 * score").
 */
#include "inf/inf.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

enum {
    MODELS_MAX = 16384,
    MANUFACTURERS_MAX = 1024,
    RANK_COMPATIBLE_OF_INF = 0x1000,    /* device's hardware id, compatible id of the model */
    RANK_COMPATIBLE_OF_DEVICE = 0x2000, /* the other way round */
    RANK_COMPATIBLE_BOTH = 0x3000,
    RANK_NEXT_COMPATIBLE = 0x100,
    RANK_POSITION_MAX = 0xFF,
    RANK_FEATURE_SHIFT = 16,
    FEATURE_SCORE_STANDARD = 0xFF,
};

struct model_list {
    const struct inf_file *file;
    const struct inf_system *system;
    void **models;
    unsigned count;
};

/* ---- manufacturers and their sections ---- */

/* The decoration of a manufacturer's line that is closest to the system; NULL: none fits. */
static int decoration_choose(const char **ret_decoration, const struct model_list *list,
                             const struct inf_line *line)
{
    struct inf_target best, target;

    *ret_decoration = NULL;
    for (unsigned i = 1; i < line->field_count; i++) {
        const char *decoration = line->fields[i];
        if (!*decoration)
            continue;
        switch (inf_target_parse(&target, decoration, list->system)) {
        case INF_MALFORMED:
            return inf_refuse(list->file, line->number,
                              "'%s' is no target system: write NTamd64 or NTamd64.10.0...16299",
                              decoration);
        case INF_UNFIT:
            continue;
        case INF_FITS:
            break;
        }
        if (*ret_decoration && !inf_target_is_closer(&target, &best))
            continue;
        best = target;
        *ret_decoration = decoration;
    }
    return 0;
}

/* The section of a manufacturer that is for us; NULL with a note when it has none. */
static int section_choose(const struct inf_section **ret_section, const struct model_list *list,
                          const struct inf_line *line)
{
    const char *base = inf_field(line, 0), *decoration;
    const struct inf_section *plain = inf_section_find(list->file, base);
    int error = decoration_choose(&decoration, list, line);

    *ret_section = NULL;
    if (error)
        return error;
    if (decoration) {
        const char *name = inf_format(&list->file->set->memory, "%s.%s", base, decoration);
        if (!name)
            return inf_no_memory(list->file->set);
        *ret_section = inf_section_find(list->file, name);
        return *ret_section
                   ? 0
                   : inf_refuse(list->file, line->number, "there is no section [%s]", name);
    }
    *ret_section = plain;
    if (plain)
        return 0;
    if (line->field_count < 2)
        return inf_refuse(list->file, line->number, "there is no section [%s]", base);
    inf_note(list->file, line->number,
             "no models of '%s' for this system, which is NTamd64.%u.%u...%u", base,
             list->system->major, list->system->minor, list->system->build);
    return 0;
}

/* ---- models ---- */

static int model_add(struct model_list *list, const char *manufacturer, const char *section,
                     const struct inf_line *line)
{
    struct inf_memory *memory = &list->file->set->memory;

    if (!line->key || !*inf_field(line, 0))
        return inf_refuse(list->file, line->number,
                          "no model: write DESCRIPTION = INSTALL-SECTION, HARDWARE-ID");
    if (list->count == MODELS_MAX)
        return inf_refuse(list->file, line->number, "more than %d models", MODELS_MAX);
    struct inf_model *model = inf_allocate(memory, sizeof(*model));
    if (!model || !inf_list_grow(memory, &list->models, list->count))
        return inf_no_memory(list->file->set);
    *model = (struct inf_model){
        .file = list->file,
        .system = list->system,
        .number = line->number,
        .manufacturer = manufacturer,
        .section = section,
        .description = line->key,
        .install = line->fields[0],
        .ids = line->fields + 1,
        .id_count = line->field_count - 1,
    };
    if (!model->id_count)
        inf_note(list->file, line->number, "a model without an id, which no device can have");
    list->models[list->count++] = model;
    return 0;
}

int inf_models(const struct inf_model ***ret_models, unsigned *ret_count,
               const struct inf_file *file, const struct inf_system *system)
{
    const struct inf_section *manufacturers = inf_section_find(file, "Manufacturer");
    struct model_list list = {.file = file, .system = system};
    unsigned manufacturer_count = 0;
    int error = 0;

    if (!manufacturers)
        return inf_refuse(file, 0, "there is no section [Manufacturer]: it is for no device");
    for (const struct inf_line *line = manufacturers->lines; line && !error; line = line->next) {
        const struct inf_section *section;
        const char *name = line->key ? line->key : inf_field(line, 0);
        if (manufacturer_count++ == MANUFACTURERS_MAX)
            return inf_refuse(file, line->number, "more than %d manufacturers", MANUFACTURERS_MAX);
        if (!*inf_field(line, 0))
            return inf_refuse(file, line->number,
                              "no manufacturer: write NAME = MODELS-SECTION, NTamd64");
        error = section_choose(&section, &list, line);
        if (error || !section)
            continue;
        for (const struct inf_line *model = section->lines; model && !error; model = model->next)
            error = model_add(&list, name, section->name, model);
    }
    *ret_models = (const struct inf_model **)list.models;
    *ret_count = list.count;
    return error;
}

/* ---- ranks ---- */

static uint32_t feature_score(const struct inf_model *model)
{
    const struct inf_section *install =
        inf_install_section(model->file, model->install, model->system);
    const char *text = install ? inf_value(install, "FeatureScore") : NULL;
    unsigned long long score;

    if (!text || !inf_number(text, &score) || score > FEATURE_SCORE_STANDARD)
        return FEATURE_SCORE_STANDARD;
    return (uint32_t)score;
}

static uint32_t at_most(unsigned position)
{
    return position < RANK_POSITION_MAX ? position : RANK_POSITION_MAX;
}

static uint32_t identifier_score(unsigned device_position, bool is_compatible,
                                 unsigned model_position)
{
    uint32_t position = at_most(device_position);

    if (!is_compatible)
        return model_position ? RANK_COMPATIBLE_OF_INF + position : position;
    if (!model_position)
        return RANK_COMPATIBLE_OF_DEVICE + position;
    /* There is room for 16 of them below the next kind of match. */
    unsigned next = model_position - 1 < 15 ? model_position - 1 : 15;
    return RANK_COMPATIBLE_BOTH + next * RANK_NEXT_COMPATIBLE + position;
}

static bool is_on_a_bus(const char *id)
{
    return strncasecmp(id, "PCI\\", 4) == 0;
}

static void look(uint32_t *best, unsigned *ret_id, const char *id, unsigned model_position,
                 const char *const *device_ids, unsigned count, bool is_compatible)
{
    for (unsigned i = 0; i < count; i++) {
        uint32_t score = identifier_score(i, is_compatible, model_position);
        if (score < *best && inf_equal(device_ids[i], id)) {
            *best = score;
            *ret_id = model_position;
        }
    }
}

uint32_t inf_rank(const struct inf_model *model, const struct inf_ids *ids, unsigned *ret_id)
{
    uint32_t best = INF_NO_MATCH;

    for (unsigned i = 0; i < model->id_count; i++) {
        const char *id = model->ids[i];
        if (!*id)
            continue;
        if (ids->no_device && !is_on_a_bus(id)) {
            *ret_id = i;
            return 0;
        }
        look(&best, ret_id, id, i, ids->hardware, ids->hardware_count, false);
        look(&best, ret_id, id, i, ids->compatible, ids->compatible_count, true);
    }
    if (best == INF_NO_MATCH)
        return best;
    return feature_score(model) << RANK_FEATURE_SHIFT | best;
}
