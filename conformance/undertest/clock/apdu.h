/* The link layer of binding L (chapter 05): one APDU in, one APDU out; chains joined, long answers handed out in parts. */
#ifndef CLOCK_APDU_H
#define CLOCK_APDU_H

#include "base.h"

/* A command as it comes over the link. ne: the bytes that Le allows, 0 where it is absent. */
struct command { uint8_t cla, ins, p1, p2; span data; size_t ne; };

/* Step 1 of section 5.6. */
bool command_read(struct command *c, span bytes, bool extended);

/* What stands behind the layer. */
struct application {
    void *self;
    /* Carries a whole command out: the data of the answer into out, their number into n; returns the status word. */
    uint16_t (*carry)(void *self, const struct command *c, uint8_t out[RESPONSE_MAX], size_t *n);
    /* The transaction has ended by a fault of the link layer. */
    void (*end)(void *self);
};

struct link {
    bool extended;
    struct application app;
    bool open;                  /* a chain */
    uint8_t ins, p1, p2, data[COMMAND_MAX];
    size_t n;
    uint8_t out[RESPONSE_MAX];  /* data left to fetch: from at up to end, and the status word of the whole */
    size_t at, end;
    uint16_t status;
};

/* Nothing under way any more: the field ended or the link was deselected. */
void link_drop(struct link *l);

/* Answers one command into out, which has room for RESPONSE_MAX + 2 bytes; returns the number of bytes. */
size_t link_answer(struct link *l, span bytes, uint8_t *out);

#endif
