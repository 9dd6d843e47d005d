/*
 * json_writer.c - members, groups and their punctuation.
 */
#include "api/json_writer.h"

#include <inttypes.h>

static void new_line(struct json_writer *writer)
{
    fprintf(writer->out, "\n%*s", (int)(2 * writer->depth), "");
}

static void write_text(struct json_writer *writer, const char *text)
{
    fputc('"', writer->out);
    for (const unsigned char *c = (const unsigned char *)text; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(writer->out, "\\%c", *c);
        else if (*c >= 0x20 && *c < 0x7F)
            fputc(*c, writer->out);
        else
            fprintf(writer->out, "\\u%04x", *c);
    }
    fputc('"', writer->out);
}

void json_key(struct json_writer *writer, const char *key)
{
    if (!writer->first)
        fputc(',', writer->out);
    writer->first = false;
    new_line(writer);
    if (key != NULL)
        fprintf(writer->out, "\"%s\": ", key);
}

void json_open(struct json_writer *writer, const char *key, char bracket)
{
    json_key(writer, key);
    fputc(bracket, writer->out);
    writer->depth++;
    writer->first = true;
}

void json_close(struct json_writer *writer, char bracket)
{
    writer->depth--;
    if (!writer->first)
        new_line(writer);
    fputc(bracket, writer->out);
    writer->first = false;
}

void json_text(struct json_writer *writer, const char *key, const char *text)
{
    json_key(writer, key);
    write_text(writer, text != NULL ? text : "");
}

void json_number(struct json_writer *writer, const char *key, uint64_t number)
{
    json_key(writer, key);
    fprintf(writer->out, "%" PRIu64, number);
}

void json_truth(struct json_writer *writer, const char *key, bool truth)
{
    json_key(writer, key);
    fputs(truth ? "true" : "false", writer->out);
}

void json_bytes(struct json_writer *writer, const char *key, const uint8_t *bytes, size_t length)
{
    json_key(writer, key);
    if (bytes == NULL) {
        fputs("null", writer->out);
        return;
    }
    fputc('"', writer->out);
    for (size_t i = 0; i < length; i++)
        fprintf(writer->out, "%02x", bytes[i]);
    fputc('"', writer->out);
}
