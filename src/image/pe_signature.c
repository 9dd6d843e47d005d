/*
 * pe_signature.c - who has signed a Windows image (Authenticode), and whether it is what was
 * signed.
 *
 * The signature lies behind the sections: a PKCS #7 message about a digest of the file without
 * checksum, signature and where the signature is. libcrypto reads it.
 */
#include "image/image_facts.h"
#include "image/image_internal.h"
#include "image/pe_file.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* In front of the message, at the place that the directory says. */
struct certificate_header {
    uint32_t size; /* with this header */
    uint16_t revision, kind;
};

enum { CERTIFICATE_PKCS7 = 2, SIGNATURE_SIZE_MAX = 1 << 20, NAME_SIZE = 128 };

/* What a message says of the file. */
struct signed_digest {
    const uint8_t *content; /* what is signed */
    long content_size;
    const EVP_MD *algorithm;
    const uint8_t *digest;
    long digest_size;
};

/* An ASN.1 value: its content, and what follows it. */
struct value {
    const uint8_t *at, *end;
};

static bool value_next(struct value *outer, int tag, struct value *ret_inner)
{
    const uint8_t *at = outer->at;
    long size;
    int found, class;

    if (at >= outer->end)
        return false;
    int flags = ASN1_get_object(&at, &size, &found, &class, outer->end - at);
    if (flags & 0x81 || class != V_ASN1_UNIVERSAL || found != tag)
        return false;
    *ret_inner = (struct value){at, at + size};
    outer->at = at + size;
    return true;
}

/* SEQUENCE { what kind of file, SEQUENCE { SEQUENCE { algorithm, ... }, OCTET STRING digest } } */
static bool read_content(const ASN1_STRING *content, struct signed_digest *ret_digest)
{
    const uint8_t *bytes = ASN1_STRING_get0_data(content);
    struct value all = {bytes, bytes + ASN1_STRING_length(content)};
    struct value sequence, kind, information, algorithm, identifier, digest;

    if (!value_next(&all, V_ASN1_SEQUENCE, &sequence))
        return false;
    ret_digest->content = sequence.at;
    ret_digest->content_size = sequence.end - sequence.at;
    if (!value_next(&sequence, V_ASN1_SEQUENCE, &kind) ||
        !value_next(&sequence, V_ASN1_SEQUENCE, &information) ||
        !value_next(&information, V_ASN1_SEQUENCE, &algorithm) ||
        !value_next(&information, V_ASN1_OCTET_STRING, &digest))
        return false;
    const uint8_t *object_bytes = algorithm.at;
    if (!value_next(&algorithm, V_ASN1_OBJECT, &identifier))
        return false;
    ASN1_OBJECT *object = d2i_ASN1_OBJECT(NULL, &object_bytes, identifier.end - object_bytes);
    ret_digest->algorithm = object ? EVP_get_digestbyobj(object) : NULL;
    ASN1_OBJECT_free(object);
    ret_digest->digest = digest.at;
    ret_digest->digest_size = digest.end - digest.at;
    return true;
}

static bool digest_of_file(const struct pe_file *file, uint32_t signature, const EVP_MD *algorithm,
                           uint8_t digest[EVP_MAX_MD_SIZE])
{
    size_t checksum = file->directories_offset - sizeof(struct pe_optional_header) +
                      offsetof(struct pe_optional_header, checksum);
    size_t directory =
        file->directories_offset + PE_DIRECTORY_SECURITY * sizeof(struct pe_directory);
    size_t behind_checksum = checksum + sizeof(uint32_t);
    size_t behind_directory = directory + sizeof(struct pe_directory);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good =
        context && signature >= behind_directory && EVP_DigestInit_ex(context, algorithm, NULL) &&
        EVP_DigestUpdate(context, file->bytes, checksum) &&
        EVP_DigestUpdate(context, file->bytes + behind_checksum, directory - behind_checksum) &&
        EVP_DigestUpdate(context, file->bytes + behind_directory, signature - behind_directory) &&
        EVP_DigestFinal_ex(context, digest, NULL);

    EVP_MD_CTX_free(context);
    return good;
}

/* The signer's common name, without what would spoil a line. */
static void signer_name(PKCS7 *message, char name[NAME_SIZE])
{
    STACK_OF(X509) *signers = PKCS7_get0_signers(message, NULL, 0);
    X509 *signer = sk_X509_value(signers, 0); /* NULL when there are none */

    if (!signer || X509_NAME_get_text_by_NID(X509_get_subject_name(signer), NID_commonName, name,
                                             NAME_SIZE) < 0)
        snprintf(name, NAME_SIZE, "somebody without a name");
    for (char *c = name; *c; c++)
        if (*c < ' ' || *c == 0x7F)
            *c = '?';
    sk_X509_free(signers);
}

/* Whether the holder of the certificate in the message has signed what the message says. */
static bool is_signers(PKCS7 *message, const struct signed_digest *digest)
{
    BIO *content = BIO_new_mem_buf(digest->content, (int)digest->content_size);
    bool good = content && PKCS7_verify(message, NULL, NULL, content, NULL,
                                        PKCS7_NOVERIFY | PKCS7_BINARY) == 1;

    BIO_free(content);
    return good;
}

static void describe(const struct pe_file *file, uint32_t offset, PKCS7 *message, char *text,
                     size_t size)
{
    struct signed_digest said = {0};
    uint8_t digest[EVP_MAX_MD_SIZE];
    char name[NAME_SIZE];

    if (!PKCS7_type_is_signed(message) || !message->d.sign || !message->d.sign->contents ||
        !message->d.sign->contents->d.other ||
        message->d.sign->contents->d.other->type != V_ASN1_SEQUENCE ||
        !read_content(message->d.sign->contents->d.other->value.sequence, &said)) {
        snprintf(text, size, "its signature is none of a Windows image");
        return;
    }
    signer_name(message, name);
    if (!said.algorithm || said.digest_size != EVP_MD_get_size(said.algorithm)) {
        snprintf(text, size, "signed by %s, by a digest that is not known here", name);
        return;
    }
    const char *algorithm = EVP_MD_get0_name(said.algorithm);
    if (!digest_of_file(file, offset, said.algorithm, digest) ||
        memcmp(digest, said.digest, (size_t)said.digest_size) != 0)
        snprintf(text, size, "signed by %s, but the file is not what was signed (%s)", name,
                 algorithm);
    else if (!is_signers(message, &said))
        snprintf(text, size, "signed in the name of %s, whose key did not do it (%s)", name,
                 algorithm);
    else
        snprintf(text, size,
                 "signed by %s, the digest matches (%s); the certificate is not checked", name,
                 algorithm);
}

static void look(const struct pe_file *file, char *text, size_t size)
{
    const struct pe_directory *directory = &file->directories[PE_DIRECTORY_SECURITY];
    struct certificate_header header;

    if (!directory->rva || !directory->size) {
        snprintf(text, size, "not signed");
        return;
    }
    uint32_t offset = directory->rva; /* not an RVA here */
    if (offset > file->size || directory->size > file->size - offset ||
        directory->size < sizeof(header) || directory->size > SIGNATURE_SIZE_MAX) {
        snprintf(text, size, "its signature lies outside of the file");
        return;
    }
    memcpy(&header, file->bytes + offset, sizeof(header));
    if (header.kind != CERTIFICATE_PKCS7 || header.size <= sizeof(header) ||
        header.size > directory->size) {
        snprintf(text, size, "its signature is of a kind that is not known here");
        return;
    }
    const uint8_t *bytes = file->bytes + offset + sizeof(header);
    PKCS7 *message = d2i_PKCS7(NULL, &bytes, (long)(header.size - sizeof(header)));
    if (message)
        describe(file, offset, message, text, size);
    else
        snprintf(text, size, "its signature cannot be read");
    PKCS7_free(message);
    ERR_clear_error();
}

void image_signature(const struct image *image, char *text, size_t size)
{
    struct pe_file *file = image->handle ? NULL : malloc(sizeof(*file));
    struct pe_fault fault;

    snprintf(text, size, "not signed");
    if (file && pe_file_parse(file, image->bytes, image->size, &fault) == 0)
        look(file, text, size);
    free(file);
}
