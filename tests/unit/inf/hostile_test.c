/*
 * hostile_test.c - files that somebody has damaged: whatever they hold, the answer is a plan or one
 * line with the file's name, soon, and nothing is touched that is not theirs.
 *
 * STORHOST_TEST_SEED repeats a run: each begins by printing its seed.
 */
#include "inf_helper.h"

#include "sys/sys.h"

#include <unistd.h>

enum { ROUNDS = 4000, DAMAGES_MAX = 8, SIZE_MAX_BYTES = 8192 };

static const char *const pieces[] = {"[",        "]",        "\"",
                                     "%",        "%%",       "\\",
                                     "\\\n",     ",",        "=",
                                     ";",        "\n",       "\r",
                                     "\x1A",     "\0",       "%x%",
                                     "HKR,",     "Needs=",   "Install",
                                     "AddReg=",  "0x10001",  "-",
                                     "$ARCH$",   "\xFF\xFE", "\xEF\xBB\xBF",
                                     ".NTamd64", "NT.10.0",  "99999999999999999999",
                                     "\xC3",     " \t"};

static const char *sample(void)
{
    return file_text((struct test_file){
        .install = "AddReg=A",
        .hardware = "AddReg=B,A\nInclude=other.inf\nNeeds=More",
        .service = "AddReg=A\nDelReg=D\nBitReg=C\nDisplayName=%Name%",
        .more = "[A]\nHKR,P,a,0x00010001,%Number%\nHKR,P,b,0x00010000,x,\"y, z\",\\\n w\n"
                "[B]\nHKR,,c,1,0A,FF\nHKLM,System\\CurrentControlSet\\X,,0x10\n"
                "[C]\nHKR,P,c,1,0x80,1\n[D]\nHKR,P,old\n"
                "[More]\nAddReg=A\n[SourceDisksFiles.amd64]\ndisk.sys=1,sub\n"
                "[SourceDisksNames]\n1=%Name%,,,\\x\n"
                "[Strings]\nName=\"a \"\"disk\"\"\"\nNumber=0x10\n"});
}

static size_t at_random(size_t below)
{
    return below ? sys_random() % below : 0;
}

/* Takes out, puts in, doubles or changes something. */
static size_t damage(char *text, size_t size)
{
    size_t at = at_random(size), length = at_random(size - at < 40 ? size - at : 40);
    const char *piece = pieces[at_random(sizeof(pieces) / sizeof(pieces[0]))];
    size_t put = *piece ? strlen(piece) : 1;

    switch (at_random(4)) {
    case 0:
        memmove(text + at, text + at + length, size - at - length);
        return size - length;
    case 1:
        if (size + put > SIZE_MAX_BYTES)
            return size;
        memmove(text + at + put, text + at, size - at);
        for (size_t i = 0; i < put; i++)
            text[at + i] = piece[i];
        return size + put;
    case 2:
        if (size + length > SIZE_MAX_BYTES)
            return size;
        memmove(text + at + length, text + at, size - at);
        return size + length;
    default:
        if (size)
            text[at] = (char)at_random(256);
        return size;
    }
}

/* A set of its own for each file, as for each command. */
static void look_at(const char *text, size_t size)
{
    static const struct inf_ids none = {.no_device = true};
    const struct inf_ids *const ids[] = {&device, NULL, &none};

    for (unsigned i = 0; i < 3; i++) {
        char *report = NULL;
        size_t report_size;
        FILE *out = open_memstream(&report, &report_size);
        assert_non_null(out);
        set_up(NULL);
        int error = inf_file_parse(&file, &set, "test.inf", text, size);
        if (!error)
            error = inf_report(out, file, &inf_system_ours, ids[i], i == 1);
        fclose(out);
        free(report);
        assert_true(error <= 0);
        if (error && strncmp(reason, "test.inf:", 9) != 0)
            fail_msg("no file in '%s'", reason);
        if (error)
            assert_null(strchr(reason, '\n'));
        set_down(NULL);
    }
}

static void damaged_files_are_refused_or_read(void **state)
{
    char text[SIZE_MAX_BYTES + 1];

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t size = strlen(sample());
        memcpy(text, sample(), size);
        for (size_t damages = 1 + at_random(DAMAGES_MAX); damages > 0; damages--)
            size = damage(text, size);
        look_at(text, size);
    }
}

static void rubbish_is_no_file(void **state)
{
    char text[512];

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t size = at_random(sizeof(text));
        for (size_t i = 0; i < size; i++)
            text[i] = (char)at_random(256);
        look_at(text, size);
    }
}

/* ---- large files: the time must stay in proportion ---- */

static char *lines_of(const char *begin, const char *line, size_t count, const char *end)
{
    char *text = malloc(strlen(begin) + count * strlen(line) + strlen(end) + 1);

    assert_non_null(text);
    char *at = stpcpy(text, begin);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, line);
    stpcpy(at, end);
    return text;
}

static void large_files_take_no_long_time(void **state)
{
    static const struct {
        const char *begin, *line, *end;
    } files[] = {
        {"", "[a]\n", ""},
        {"[Manufacturer]\n", "X=M\n", "[M]\n"},
        {"[Manufacturer]\nX=M\n[M]\n", "d=I,x\n", ""},
        {"[Strings]\n", "x=1\n", "[S]\na=%x%\n"},
        {"[Strings]\nx=1\n[S]\n", "a=%x%%y%\n", ""},
        {"[S]\na=", "b,", "c\n"},
        {"[S]\na=", "b,\\\n", "c\n"},
        {"[S]\n", "\n", ""},
    };
    enum { COUNT = 200000 };
    uint64_t start = sys_now_ns();

    (void)state;
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        char *text = lines_of(files[i].begin, files[i].line, COUNT, files[i].end);
        char *whole = NULL;
        size_t size = strlen(text);
        assert_true(asprintf(&whole, "[Version]\nSignature=$Chicago$\n%s", text) > 0);
        look_at(whole, strlen(whole));
        assert_true(size < INF_FILE_BYTES_MAX);
        free(whole);
        free(text);
    }
    char *many = lines_of("AddReg=", "A,", COUNT, "A\n[A]\n");
    char *whole = NULL;
    assert_true(asprintf(&whole, "%s[Install.HW]\n%s", file_text((struct test_file){0}), many) > 0);
    look_at(whole, strlen(whole));
    free(whole);
    free(many);
    assert_true(sys_now_ns() - start < 60 * SYS_NS_PER_S);
}

static void more_sections_than_there_can_be_are_refused(void **state)
{
    char *text = calloc(1, 16 * (INF_SECTIONS_MAX + 1));

    (void)state;
    assert_non_null(text);
    for (unsigned i = 0; i <= INF_SECTIONS_MAX; i++)
        sprintf(text + strlen(text), "[s%u]\n", i);
    set_up(NULL);
    assert_int_equal(parse(text), -EINVAL);
    assert_string_equal(reason, "test.inf:4097: more than 4096 sections");
    set_down(NULL);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_files_are_refused_or_read),
        cmocka_unit_test(rubbish_is_no_file),
        cmocka_unit_test(large_files_take_no_long_time),
        cmocka_unit_test(more_sections_than_there_can_be_are_refused),
    };
    const char *given = getenv("STORHOST_TEST_SEED");
    struct sys_options options = {.seed = given ? strtoull(given, NULL, 0) : 0};

    if (!options.seed)
        options.seed = (uint64_t)getpid() * 2654435761u + 1;
    printf("# seed %llu (set STORHOST_TEST_SEED to repeat)\n", (unsigned long long)options.seed);
    if (sys_start(&options))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    sys_stop();
    return failed;
}
