/*
 * text_test.c - INF files as text: encodings, lines, fields, comments, continuations, string keys.
 */
#include "inf_helper.h"

static void sections_are_found_in_any_case_and_merged(void **state)
{
    (void)state;
    parsed("[One]\na=1\n[Two]\nb=2\n[ONE]\nc=3\n");
    assert_string_equal(inf_value(inf_section_find(file, "one"), "A"), "1");
    assert_string_equal(inf_value(inf_section_find(file, "oNe"), "c"), "3");
    assert_int_equal(inf_section_find(file, "One")->number, 1);
    assert_int_equal(line_at("One", 1)->number, 6);
    assert_null(inf_section_find(file, "Three"));
}

static void fields_are_between_commas_without_the_blanks_around_them(void **state)
{
    (void)state;
    parsed("[S]\n  key one =  a b ,, \tc\t\nHKR , x\nempty=\nlast=a,\n,2\n");
    const struct inf_line *line = line_at("S", 0);
    assert_string_equal(line->key, "key one");
    assert_int_equal(line->field_count, 3);
    assert_string_equal(inf_field(line, 0), "a b");
    assert_string_equal(inf_field(line, 1), "");
    assert_string_equal(inf_field(line, 2), "c");
    assert_string_equal(inf_field(line, 3), "");
    assert_null(line_at("S", 1)->key);
    assert_string_equal(inf_field(line_at("S", 1), 0), "HKR");
    assert_string_equal(inf_field(line_at("S", 1), 1), "x");
    assert_int_equal(line_at("S", 2)->field_count, 0);
    assert_int_equal(line_at("S", 3)->field_count, 2);
    assert_string_equal(inf_field(line_at("S", 4), 0), "");
    assert_string_equal(inf_field(line_at("S", 4), 1), "2");
}

static void only_the_first_equals_sign_ends_a_key(void **state)
{
    (void)state;
    parsed("[S]\na=b=c\nHKR,,x,,y=z\n");
    assert_string_equal(inf_field(line_at("S", 0), 0), "b=c");
    assert_null(line_at("S", 1)->key);
    assert_string_equal(inf_field(line_at("S", 1), 4), "y=z");
}

static void quoted_parts_are_taken_as_they_are(void **state)
{
    (void)state;
    parsed("[S]\na=\" x, y; z \",\"say \"\"hello\"\"\",\"Dir\\\"\\file , \"\"\n\"k = 1\"=2\n");
    assert_string_equal(inf_field(line_at("S", 0), 0), " x, y; z ");
    assert_string_equal(inf_field(line_at("S", 0), 1), "say \"hello\"");
    assert_string_equal(inf_field(line_at("S", 0), 2), "Dir\\\\file");
    assert_string_equal(inf_field(line_at("S", 0), 3), "");
    assert_string_equal(line_at("S", 1)->key, "k = 1");
}

static void comments_run_to_the_end_of_the_line(void **state)
{
    (void)state;
    parsed("; first\n[S] ; of a section\na = b ; c, d\n;a = c\n %k;1% = %k;1% ; x\n"
           "[Strings]\nk;1 = never\n\"k;1\" = value\n");
    assert_int_equal(line_at("S", 0)->field_count, 1);
    assert_string_equal(inf_field(line_at("S", 0), 0), "b");
    assert_string_equal(line_at("S", 1)->key, "value");
    assert_string_equal(inf_field(line_at("S", 1), 0), "value");
    assert_null(line_at("S", 1)->next);
}

static void a_backslash_at_the_end_of_a_line_goes_on_with_the_next(void **state)
{
    (void)state;
    parsed("[S]\na = b, \\\n    c,\\ ; comment\n  d\ne = \"Dir\\\"\\\n,f\ng = h\\\\\n,i\nj = "
           "%12%\\x\n");
    assert_int_equal(line_at("S", 0)->field_count, 3);
    assert_string_equal(inf_field(line_at("S", 0), 1), "c");
    assert_string_equal(inf_field(line_at("S", 0), 2), "d");
    assert_string_equal(inf_field(line_at("S", 1), 0), "Dir\\");
    assert_string_equal(inf_field(line_at("S", 1), 1), "f");
    assert_int_equal(line_at("S", 1)->number, 5);
    assert_string_equal(inf_field(line_at("S", 2), 0), "h");
    assert_string_equal(inf_field(line_at("S", 2), 1), "i");
    assert_string_equal(inf_field(line_at("S", 3), 0), "%12%\\x");
    assert_int_equal(line_at("S", 3)->number, 9);
}

static void lines_end_with_any_of_three_marks(void **state)
{
    (void)state;
    parsed("[S]\r\na=1\rb=2\nc=3\x1A\nrubbish [ \" beyond the end");
    assert_string_equal(inf_field(line_at("S", 0), 0), "1");
    assert_string_equal(inf_field(line_at("S", 1), 0), "2");
    assert_string_equal(inf_field(line_at("S", 2), 0), "3");
    assert_int_equal(line_at("S", 2)->number, 4);
    assert_null(line_at("S", 2)->next);
}

static void string_keys_are_replaced_by_their_text(void **state)
{
    (void)state;
    parsed("[S]\n%Name% = pre%NAME%post, \"%name%\", %%Root%%, 100%, %no%, %12%\\x, %list%\n"
           "[Strings]\nname = \"a, b\"\nname = second\nlist = %name%\n");
    const struct inf_line *line = line_at("S", 0);
    assert_string_equal(line->key, "a, b");
    assert_string_equal(inf_field(line, 0), "prea, bpost");
    assert_string_equal(inf_field(line, 1), "a, b");
    assert_string_equal(inf_field(line, 2), "%Root%");
    assert_string_equal(inf_field(line, 3), "100%");
    assert_string_equal(inf_field(line, 4), "%no%");
    assert_string_equal(inf_field(line, 5), "%12%\\x");
    assert_string_equal(inf_field(line, 6), "%name%");
    assert_int_equal(set.note_count, 1);
    noted("test.inf:2: no string 'no'");
}

static void strings_of_the_language_come_before_the_common_ones(void **state)
{
    (void)state;
    parsed("[S]\na = %x%, %y%\n[Strings]\nx = common\ny = common\n[Strings.0409]\nx = English\n"
           "[Strings.0407]\ny = German\n");
    assert_string_equal(inf_field(line_at("S", 0), 0), "English");
    assert_string_equal(inf_field(line_at("S", 0), 1), "common");
}

static void the_architecture_of_a_template_is_ours(void **state)
{
    (void)state;
    parsed("[S.NT$ARCH$]\na = x,NT$arch$.10.0, $ARCHITECTURE$\n");
    assert_string_equal(inf_field(line_at("S.NTamd64", 0), 1), "NTamd64.10.0");
    assert_string_equal(inf_field(line_at("S.NTamd64", 0), 2), "$ARCHITECTURE$");
    noted("$ARCH$");
}

/* The same text in each encoding: "[S]" and "ä = €". */
static void encodings_are_told_by_their_marks(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } files[] = {
        {"[S]\n\xE4 = \x80\n", 10},
        {"\xEF\xBB\xBF[S]\n\xC3\xA4 = \xE2\x82\xAC\n", 16},
        {"\xFF\xFE[\0S\0]\0\n\0\xE4\0 \0=\0 \0\xAC\x20\n\0", 22},
        {"\xFE\xFF\0[\0S\0]\0\n\0\xE4\0 \0=\0 \x20\xAC\0\n", 22},
        {"[\0S\0]\0\n\0\xE4\0 \0=\0 \0\xAC\x20\n\0", 20},
        {"\0[\0S\0]\0\n\0\xE4\0 \0=\0 \x20\xAC\0\n", 20},
        {"[S]\n\xE4 = \x80\n\x1A", 11},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        assert_int_equal(inf_file_parse(&file, &set, "test.inf", files[i].bytes, files[i].size), 0);
        assert_string_equal(line_at("S", 0)->key, "\xC3\xA4");
        assert_string_equal(inf_field(line_at("S", 0), 0), "\xE2\x82\xAC");
        assert_string_equal(inf_value(inf_section_find(file, "s"), "\xC3\x84"), "\xE2\x82\xAC");
    }
}

static void text_before_the_first_section_is_ignored(void **state)
{
    (void)state;
    parsed("/*++\n a, \"b\n--*/\n[S]\na=1\n");
    assert_string_equal(inf_field(line_at("S", 0), 0), "1");
    noted("test.inf:1: text before the first section");
}

static void malformed_text_is_refused_with_its_line(void **state)
{
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"[S]\na=1\nb=\"x\nc=2\n", "test.inf:3: a quotation mark is not closed"},
        {"[S]\na=1,\\\n\"x\n", "test.inf:3: a quotation mark is not closed"},
        {"\n[S\n", "test.inf:2: the section's name has no closing bracket"},
        {"[]\n", "test.inf:1: the section has no name"},
        {"[ ]\n", "test.inf:1: the section has no name"},
        {"[S] x\n", "test.inf:1: text behind the section's closing bracket"},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(parse(rows[i].text), -EINVAL);
        assert_string_equal(reason, rows[i].reason);
    }
    assert_int_equal(inf_file_parse(&file, &set, "test.inf", "[S]\na\0b\n", 8), -EINVAL);
    assert_string_equal(reason, "test.inf:2: a null character: this is no text");
}

static char *repeat(const char *before, char letter, size_t count, const char *after)
{
    char *text = calloc(1, strlen(before) + count + strlen(after) + 1);

    assert_non_null(text);
    strcpy(text, before);
    memset(text + strlen(before), letter, count);
    strcat(text, after);
    return text;
}

static void fields_and_names_have_limits(void **state)
{
    (void)state;
    char *text = repeat("[S]\na=", 'x', 4095, "\n");
    assert_int_equal(parse(text), 0);
    assert_int_equal(strlen(inf_field(line_at("S", 0), 0)), 4095);
    free(text);
    text = repeat("[S]\na=", 'x', 4096, "\n");
    assert_int_equal(parse(text), -EINVAL);
    assert_string_equal(reason, "test.inf:2: a field is longer than 4095 characters");
    free(text);
    text = repeat("[S]\na=%x%%x%\n[Strings]\nx=", 'x', 2048, "\n");
    assert_int_equal(parse(text), -EINVAL);
    assert_non_null(strstr(reason, "test.inf:2: "));
    free(text);
    text = repeat("[", 'x', 255, "]\n");
    assert_int_equal(parse(text), 0);
    free(text);
    text = repeat("[", 'x', 256, "]\n");
    assert_int_equal(parse(text), -EINVAL);
    free(text);
}

static void numbers_are_decimal_or_hexadecimal_and_nothing_else(void **state)
{
    static const struct {
        const char *text;
        bool good;
        unsigned long long number;
    } rows[] = {
        {"0", true, 0},
        {"10", true, 10},
        {"010", true, 10},
        {"0x1F", true, 31},
        {"0XaB", true, 171},
        {"-1", true, UINT64_MAX},
        {"+3", true, 3},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"0x", false, 0},
        {"0x-1", false, 0},
        {"--1", false, 0},
        {"1 2", false, 0},
        {"A", false, 0},
        {"1A", false, 0},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        unsigned long long number = 0;
        assert_int_equal(inf_number(rows[i].text, &number), rows[i].good);
        assert_int_equal(number, rows[i].number);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(sections_are_found_in_any_case_and_merged),
        TEST(fields_are_between_commas_without_the_blanks_around_them),
        TEST(only_the_first_equals_sign_ends_a_key),
        TEST(quoted_parts_are_taken_as_they_are),
        TEST(comments_run_to_the_end_of_the_line),
        TEST(a_backslash_at_the_end_of_a_line_goes_on_with_the_next),
        TEST(lines_end_with_any_of_three_marks),
        TEST(string_keys_are_replaced_by_their_text),
        TEST(strings_of_the_language_come_before_the_common_ones),
        TEST(the_architecture_of_a_template_is_ours),
        TEST(encodings_are_told_by_their_marks),
        TEST(text_before_the_first_section_is_ignored),
        TEST(malformed_text_is_refused_with_its_line),
        TEST(fields_and_names_have_limits),
        TEST(numbers_are_decimal_or_hexadecimal_and_nothing_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
