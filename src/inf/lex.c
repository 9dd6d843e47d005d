/*
 * lex.c - text of an INF file to sections, lines and fields ("General syntax rules for INF files").
 *
 * A field is what is between commas, without the blanks around it. Quoted parts are taken as they
 * are, with "" for one quotation mark. A comment runs from a semicolon to the end of the line,
 * unless the semicolon is in a quoted part or in a %KEY%. A backslash at the end of a line outside
 * of quotes goes on with the next one.
 */
#include "inf/file.h"
#include "nt/text.h"

#include <errno.h>
#include <string.h>

enum { END_OF_FILE = 0x1A }; /* control-Z, as old editors wrote it */

static const char template_token[] = "$ARCH$", architecture[] = "amd64";

struct lexer {
    struct inf_file *file;
    const char *at, *end;
    unsigned number; /* of the physical line */
    struct inf_section *section;
    char field[INF_FIELD_MAX + 1];
    size_t length;
};

static bool at_end(const struct lexer *lexer)
{
    return lexer->at == lexer->end || *lexer->at == END_OF_FILE;
}

static bool at_line_end(const struct lexer *lexer)
{
    return at_end(lexer) || *lexer->at == '\n' || *lexer->at == '\r';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\f' || c == '\v';
}

static void skip_blanks(struct lexer *lexer)
{
    while (!at_end(lexer) && is_blank(*lexer->at))
        lexer->at++;
}

/* Past the end of the line: CR LF, LF, or CR alone. */
static void skip_line_end(struct lexer *lexer)
{
    if (at_end(lexer))
        return;
    if (*lexer->at == '\r' && lexer->at + 1 < lexer->end && lexer->at[1] == '\n')
        lexer->at++;
    lexer->at++;
    lexer->number++;
}

static void skip_comment(struct lexer *lexer)
{
    while (!at_line_end(lexer))
        lexer->at++;
}

/* Backslashes with nothing behind them but blanks and a comment: only the last of them joins the
 * lines, and those before it are dropped too, as Windows does. */
static bool continuation_take(struct lexer *lexer)
{
    struct lexer saved = {.at = lexer->at, .end = lexer->end};

    while (!at_end(&saved) && *saved.at == '\\')
        saved.at++;
    skip_blanks(&saved);
    if (!at_end(&saved) && *saved.at == ';')
        skip_comment(&saved);
    if (!at_line_end(&saved))
        return false;
    lexer->at = saved.at;
    skip_line_end(lexer);
    skip_blanks(lexer);
    return true;
}

/* ---- fields ---- */

static int field_append(struct lexer *lexer, const char *text, size_t length)
{
    if (length > INF_FIELD_MAX - lexer->length)
        return inf_refuse(lexer->file, lexer->number, "a field is longer than %d characters",
                          INF_FIELD_MAX);
    memcpy(lexer->field + lexer->length, text, length);
    lexer->length += length;
    return 0;
}

static int take_one(struct lexer *lexer)
{
    return field_append(lexer, lexer->at++, 1);
}

static int take_quoted(struct lexer *lexer)
{
    unsigned number = lexer->number;
    int error = 0;

    lexer->at++;
    while (!error) {
        if (at_line_end(lexer))
            return inf_refuse(lexer->file, number, "a quotation mark is not closed");
        if (*lexer->at == '"') {
            if (lexer->at + 1 == lexer->end || lexer->at[1] != '"')
                break;
            lexer->at++;
        }
        error = take_one(lexer);
    }
    lexer->at++;
    return error;
}

/* A %KEY% as a whole, so that a semicolon in it begins no comment; else the one character. */
static int take_token(struct lexer *lexer)
{
    const char *close = lexer->at + 1;

    while (close < lexer->end && !strchr("%\",=\r\n", *close))
        close++;
    if (close == lexer->end || *close != '%')
        return take_one(lexer);
    int error = field_append(lexer, lexer->at, (size_t)(close + 1 - lexer->at));
    lexer->at = close + 1;
    return error;
}

/* What a build tool puts there is known: the machine has one architecture. */
static bool at_template_token(const struct lexer *lexer)
{
    size_t length = sizeof(template_token) - 1;

    return (size_t)(lexer->end - lexer->at) >= length &&
           text_equal_nocase(lexer->at, length, template_token, length);
}

static int take_template_token(struct lexer *lexer)
{
    if (!lexer->file->template_line)
        lexer->file->template_line = lexer->number;
    lexer->at += sizeof(template_token) - 1;
    return field_append(lexer, architecture, sizeof(architecture) - 1);
}

/* One field up to a separator, which stays: ',' or the line's end, and '=' if there may be a key.
 * The blanks behind an unquoted end do not belong to it. */
static int field_read(struct lexer *lexer, bool may_be_key)
{
    size_t kept = 0; /* what blanks must not be taken from */
    int error = 0;

    lexer->length = 0;
    skip_blanks(lexer);
    while (!error && !at_line_end(lexer) && *lexer->at != ',') {
        char c = *lexer->at;
        if (c == '=' && may_be_key)
            break;
        if (c == ';') {
            skip_comment(lexer);
        } else if (c == '\\' && continuation_take(lexer)) {
            continue;
        } else if (is_blank(c)) {
            error = take_one(lexer);
            continue;
        } else if (c == '"') {
            error = take_quoted(lexer);
        } else if (c == '%') {
            error = take_token(lexer);
        } else if (c == '$' && at_template_token(lexer)) {
            error = take_template_token(lexer);
        } else {
            error = take_one(lexer);
        }
        if (c != ';')
            kept = lexer->length;
    }
    lexer->length = kept;
    return error;
}

/* ---- lines ---- */

static int field_store(struct lexer *lexer, struct inf_line *line)
{
    struct inf_memory *memory = &lexer->file->set->memory;
    void **fields = (void **)line->fields;

    if (!inf_list_grow(memory, &fields, line->field_count))
        return inf_no_memory(lexer->file->set);
    line->fields = (const char **)fields;
    char *copy = inf_copy(memory, lexer->field, lexer->length);
    if (!copy)
        return inf_no_memory(lexer->file->set);
    line->fields[line->field_count++] = copy;
    return 0;
}

static int line_read(struct lexer *lexer)
{
    struct inf_line *line = inf_allocate(&lexer->file->set->memory, sizeof(*line));

    if (!line)
        return inf_no_memory(lexer->file->set);
    line->number = lexer->number;
    int error = field_read(lexer, true);
    if (!error && !at_line_end(lexer) && *lexer->at == '=') {
        line->key = inf_copy(&lexer->file->set->memory, lexer->field, lexer->length);
        if (!line->key)
            return inf_no_memory(lexer->file->set);
        lexer->at++;
        error = field_read(lexer, false);
    }
    if (!error && (lexer->length || !line->key || !at_line_end(lexer)))
        error = field_store(lexer, line);
    while (!error && !at_line_end(lexer)) {
        lexer->at++; /* the comma */
        error = field_read(lexer, false);
        if (!error)
            error = field_store(lexer, line);
    }
    *lexer->section->end = line;
    lexer->section->end = &line->next;
    return error;
}

/* ---- sections ---- */

static int section_enter(struct lexer *lexer, const char *name, size_t length)
{
    struct inf_file *file = lexer->file;

    lexer->length = 0;
    for (const char *end = name + length; name < end;) {
        struct lexer part = {.at = name, .end = end};
        int error;
        if (at_template_token(&part)) {
            error = field_append(lexer, architecture, sizeof(architecture) - 1);
            name += sizeof(template_token) - 1;
        } else {
            error = field_append(lexer, name++, 1);
        }
        if (error)
            return error;
    }
    lexer->field[lexer->length] = '\0';
    lexer->section = (struct inf_section *)inf_section_find(file, lexer->field);
    if (lexer->section)
        return 0;
    if (file->section_count++ == INF_SECTIONS_MAX)
        return inf_refuse(file, lexer->number, "more than %d sections", INF_SECTIONS_MAX);
    struct inf_section *section = inf_allocate(&file->set->memory, sizeof(*section));
    const char *copy = inf_copy(&file->set->memory, lexer->field, lexer->length);
    if (!section || !copy)
        return inf_no_memory(file->set);
    *section = (struct inf_section){.name = copy, .number = lexer->number, .end = &section->lines};
    *file->end = section;
    file->end = &section->next;
    lexer->section = section;
    return 0;
}

static int section_read(struct lexer *lexer)
{
    const char *name = ++lexer->at;

    while (!at_line_end(lexer) && *lexer->at != ']')
        lexer->at++;
    if (at_line_end(lexer))
        return inf_refuse(lexer->file, lexer->number, "the section's name has no closing bracket");
    const char *end = lexer->at++;
    while (name < end && is_blank(*name))
        name++;
    while (end > name && is_blank(end[-1]))
        end--;
    if (name == end)
        return inf_refuse(lexer->file, lexer->number, "the section has no name");
    if (end - name > INF_SECTION_NAME_MAX)
        return inf_refuse(lexer->file, lexer->number,
                          "the section's name is longer than %d characters", INF_SECTION_NAME_MAX);
    skip_blanks(lexer);
    if (!at_line_end(lexer) && *lexer->at != ';')
        return inf_refuse(lexer->file, lexer->number, "text behind the section's closing bracket");
    skip_comment(lexer);
    return section_enter(lexer, name, (size_t)(end - name));
}

/* Text before the first section is nobody's: Windows does not look at it. */
static void skip_foreword(struct lexer *lexer)
{
    inf_note(lexer->file, lexer->number, "text before the first section is ignored");
    while (!at_line_end(lexer))
        lexer->at++;
}

int inf_lex(struct inf_file *file, const char *text, size_t size)
{
    struct lexer lexer = {.file = file, .at = text, .end = text + size, .number = 1};
    int error = 0;

    while (!error && !at_end(&lexer)) {
        skip_blanks(&lexer);
        if (at_line_end(&lexer))
            skip_line_end(&lexer);
        else if (*lexer.at == ';')
            skip_comment(&lexer);
        else if (*lexer.at == '[')
            error = section_read(&lexer);
        else if (!lexer.section)
            skip_foreword(&lexer);
        else
            error = line_read(&lexer);
    }
    return error;
}
