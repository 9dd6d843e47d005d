/*
 * models_test.c - which section of models is for a system, and which model for a device.
 */
#include "inf_helper.h"

static const struct inf_model **models;
static unsigned model_count;

static const struct inf_system old = {5, 1, 2600, 1, 0x100};
static const struct inf_system data_center = {5, 1, 2600, 3, 0x80};
static const struct inf_system ten = {10, 0, 16299, 1, 0x100};
static const struct inf_system eleven = {10, 0, 22621, 1, 0x100};

/* The section that is chosen of those that the manufacturer's line names; "" for none. */
static const char *chosen(const char *decorations, const struct inf_system *system)
{
    char text[2048], names[512];
    size_t used = (size_t)snprintf(text, sizeof(text), "[Manufacturer]\nX=M%s%s\n[M]\nd=I,x\n",
                                   *decorations ? "," : "", decorations);

    snprintf(names, sizeof(names), "%s", decorations);
    for (char *name = strtok(names, ", "); name; name = strtok(NULL, ", "))
        used += (size_t)snprintf(text + used, sizeof(text) - used, "[M.%s]\nd=I,x\n", name);
    parsed(text);
    set.file_count = 0;
    assert_int_equal(inf_models(&models, &model_count, file, system), 0);
    if (!model_count)
        return "";
    return models[0]->section[1] ? models[0]->section + 2 : "plain";
}

static void the_section_with_the_highest_version_that_is_not_too_high_is_chosen(void **state)
{
    (void)state;
    assert_string_equal(chosen("NTamd64", &ten), "NTamd64");
    assert_string_equal(chosen("NTamd64, NTamd64.6.1, NTamd64.10.0", &ten), "NTamd64.10.0");
    assert_string_equal(chosen("NTamd64.6.1, NTamd64.10.0, NTamd64", &old), "NTamd64");
    assert_string_equal(chosen("NTamd64.6.3, NTamd64.6.1", &ten), "NTamd64.6.3");
    assert_string_equal(chosen("NTamd64.10.1", &ten), "plain");
    assert_string_equal(chosen("NTamd64.11", &ten), "plain");
    assert_string_equal(chosen("NTamd64.9", &ten), "NTamd64.9");
}

static void a_build_number_is_the_least_of_its_version(void **state)
{
    (void)state;
    assert_string_equal(chosen("NTamd64.10.0...16299", &ten), "NTamd64.10.0...16299");
    assert_string_equal(chosen("NTamd64.10.0...16300, NTamd64.6.1", &ten), "NTamd64.6.1");
    assert_string_equal(chosen("NTamd64.10.0...14310, NTamd64.10.0...22000, NTamd64.10.0", &eleven),
                        "NTamd64.10.0...22000");
    assert_string_equal(chosen("NTamd64.10.0...22000, NTamd64.10.0...14310", &ten),
                        "NTamd64.10.0...14310");
    assert_string_equal(chosen("NTamd64.6.1...99999", &ten), "NTamd64.6.1...99999");
}

static void architectures_that_are_not_ours_do_not_count(void **state)
{
    (void)state;
    assert_string_equal(chosen("NTx86, NTarm64.10.0, NTia64, NTarm", &ten), "plain");
    assert_string_equal(chosen("ntX86, NT", &ten), "NT");
    assert_string_equal(chosen("NT.10.0, NTAMD64", &ten), "NTAMD64");
}

static void a_version_counts_more_than_product_type_and_suite(void **state)
{
    (void)state;
    assert_string_equal(chosen("NT, NT.5, NT.5.5, NT....0x80", &old), "NT.5");
    assert_string_equal(chosen("NT, NT.5, NT.5.5, NT....0x80", &data_center), "NT.5");
    assert_string_equal(chosen("NT, NT....0x80", &data_center), "NT....0x80");
    assert_string_equal(chosen("NT, NT....0x80", &old), "NT");
    assert_string_equal(chosen("NTamd64, NTamd64...3", &data_center), "NTamd64...3");
    assert_string_equal(chosen("NTamd64, NTamd64...3", &old), "NTamd64");
    assert_string_equal(chosen("NTamd64...1", &old), "NTamd64...1");
}

static void without_decorations_there_is_one_section(void **state)
{
    (void)state;
    assert_string_equal(chosen("", &ten), "plain");
    parsed("[Manufacturer]\nMaker\n[Maker]\nd=I,x\n");
    assert_int_equal(inf_models(&models, &model_count, file, &ten), 0);
    assert_string_equal(models[0]->manufacturer, "Maker");
}

static void an_empty_section_excludes_a_system(void **state)
{
    (void)state;
    parsed("[Manufacturer]\nX=M,NTamd64,NTamd64.10.0\n[M.NTamd64]\nd=I,x\n[M.NTamd64.10.0]\n");
    assert_int_equal(inf_models(&models, &model_count, file, &ten), 0);
    assert_int_equal(model_count, 0);
    assert_int_equal(inf_models(&models, &model_count, file, &old), 0);
    assert_int_equal(model_count, 1);
}

static void a_manufacturer_without_models_for_us_is_noted(void **state)
{
    (void)state;
    parsed("[Manufacturer]\nX=M,NTx86\nY=N\n[M.NTx86]\nd=I,x\n[N]\ne=I,y\n");
    assert_int_equal(inf_models(&models, &model_count, file, &ten), 0);
    assert_int_equal(model_count, 1);
    assert_string_equal(models[0]->description, "e");
    noted("test.inf:2: no models of 'M' for this system, which is NTamd64.10.0...16299");
}

static void mistakes_of_manufacturers_and_models_name_their_line(void **state)
{
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"[Version]\n", "test.inf: there is no section [Manufacturer]"},
        {"[Manufacturer]\nX=M,NTamd64\n", "test.inf:2: there is no section [M.NTamd64]"},
        {"[Manufacturer]\nX=M\n", "test.inf:2: there is no section [M]"},
        {"[Manufacturer]\nX=\n", "test.inf:2: no manufacturer"},
        {"[Manufacturer]\nX=M,amd64\n", "test.inf:2: 'amd64' is no target system"},
        {"[Manufacturer]\nX=M,NTamd64.x\n", "test.inf:2: 'NTamd64.x' is no target system"},
        {"[Manufacturer]\nX=M,NT.1.2.3.4.5.6\n", "test.inf:2: 'NT.1.2.3.4.5.6' is no target"},
        {"[Manufacturer]\nX=M\n[M]\njust text\n", "test.inf:4: no model"},
        {"[Manufacturer]\nX=M\n[M]\nd=\n", "test.inf:4: no model"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        parsed(rows[i].text);
        assert_int_equal(inf_models(&models, &model_count, file, &ten), -EINVAL);
        if (!strstr(reason, rows[i].reason))
            fail_msg("'%s' is not '%s'", reason, rows[i].reason);
    }
}

/* ---- ranks ---- */

static const char *const hardware[] = {"PCI\\H1", "PCI\\H2"};
static const char *const compatible[] = {"PCI\\C1", "PCI\\C2"};
static const struct inf_ids both = {hardware, compatible, 2, 2, false};

static uint32_t rank_of(const char *ids, unsigned *ret_id)
{
    char text[256];

    snprintf(text, sizeof(text), "[Manufacturer]\nX=M\n[M]\nd=I,%s\n[I]\n", ids);
    parsed(text);
    assert_int_equal(inf_models(&models, &model_count, file, &ten), 0);
    return inf_rank(models[0], &both, ret_id);
}

/* As the vendor's table of an example has it. */
static void each_kind_of_match_has_its_rank(void **state)
{
    static const struct {
        const char *ids;
        uint32_t rank;
        unsigned id;
    } rows[] = {
        {"PCI\\H1", 0x00FF0000, 0},         {"pci\\h2", 0x00FF0001, 0},
        {"x,PCI\\H1", 0x00FF1000, 1},       {"x,y,PCI\\H2", 0x00FF1001, 2},
        {"PCI\\C1", 0x00FF2000, 0},         {"PCI\\C2", 0x00FF2001, 0},
        {"x,PCI\\C1", 0x00FF3000, 1},       {"x,y,PCI\\C1", 0x00FF3100, 2},
        {"x,y,PCI\\C2", 0x00FF3101, 2},     {",PCI\\H1", 0x00FF1000, 1},
        {"PCI\\C2,PCI\\H2", 0x00FF1001, 1}, {"PCI\\C1,x,PCI\\H1", 0x00FF1000, 2},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned id = 99;
        set.file_count = 0;
        assert_int_equal(rank_of(rows[i].ids, &id), rows[i].rank);
        assert_int_equal(id, rows[i].id);
    }
    unsigned id;
    assert_int_equal(rank_of("PCI\\H", &id), INF_NO_MATCH);
}

static const char two_models[] = "[Version]\nSignature=$Chicago$\n[Manufacturer]\nX=M\n[M]\n"
                                 "general=A,PCI\\C1\nspecific=B,PCI\\H2\nlater=C,PCI\\H2\n"
                                 "virtual=D,Root\\disk\n";

static int plan_for(const struct inf_ids *ids)
{
    return inf_plan_make(&plan, file, &ten, ids);
}

static void the_best_model_is_chosen_and_the_first_of_equals(void **state)
{
    (void)state;
    parsed(two_models);
    /* No section [B]: the reason names the model's line. */
    assert_int_equal(plan_for(&both), -EINVAL);
    assert_string_equal(reason, "test.inf:7: there is no section [B]");
}

static void without_a_device_a_model_that_is_on_no_bus_is_chosen(void **state)
{
    (void)state;
    parsed(two_models);
    assert_int_equal(plan_for(&(struct inf_ids){.no_device = true}), -EINVAL);
    assert_string_equal(reason, "test.inf:9: there is no section [D]");
}

static void a_device_of_no_model_is_named(void **state)
{
    static const char *const other[] = {"PCI\\VEN_0000"};

    (void)state;
    parsed(two_models);
    assert_int_equal(plan_for(&(struct inf_ids){.hardware = other, .hardware_count = 1}), -ENODEV);
    assert_string_equal(reason,
                        "test.inf: none of its models is for PCI\\VEN_0000: `storhost inf` lists "
                        "them");
}

static void a_better_feature_score_wins_over_a_better_id(void **state)
{
    (void)state;
    parsed("[Version]\nSignature=$Chicago$\n[Manufacturer]\nX=M\n[M]\n"
           "first=A,PCI\\H1\nsecond=B,PCI\\H2\n[A]\n[B.NTamd64]\nFeatureScore=0x10\n");
    assert_int_equal(plan_for(&both), -EINVAL);
    assert_string_equal(plan.model->description, "second");
    assert_int_equal(plan.rank, 0x00100001);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_section_with_the_highest_version_that_is_not_too_high_is_chosen),
        TEST(a_build_number_is_the_least_of_its_version),
        TEST(architectures_that_are_not_ours_do_not_count),
        TEST(a_version_counts_more_than_product_type_and_suite),
        TEST(without_decorations_there_is_one_section),
        TEST(an_empty_section_excludes_a_system),
        TEST(a_manufacturer_without_models_for_us_is_noted),
        TEST(mistakes_of_manufacturers_and_models_name_their_line),
        TEST(each_kind_of_match_has_its_rank),
        TEST(the_best_model_is_chosen_and_the_first_of_equals),
        TEST(without_a_device_a_model_that_is_on_no_bus_is_chosen),
        TEST(a_device_of_no_model_is_named),
        TEST(a_better_feature_score_wins_over_a_better_id),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
