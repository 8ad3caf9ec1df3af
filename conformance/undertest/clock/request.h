/* Requests and responses inside the channel (section 6.8). */
#ifndef CLOCK_REQUEST_H
#define CLOCK_REQUEST_H

#include "lock.h"

struct request {
    uint64_t operation, flags;
    uint8_t resource, page, n_chain, n_documents;
    bool unknown, has_page;             /* unknown: a field that the registry does not have */
    span chain[CHAIN_MAX], documents[DOCUMENTS_MAX], reference, proof;
};

/* Step 9 of section 7.5. */
bool request_read(struct request *q, span plain);
/* Operation, fields and flags are known, implemented and go with each other (step 16). */
bool request_implemented(const struct lock *l, const struct request *q);

struct answer {
    uint8_t outcome;
    int reason;
    bool charge, notice;
    uint8_t resumption, n_documents, documents[DOCUMENTS_MAX];
    size_t n_receipt, n_log;
    uint8_t receipt[256], log[SEALED_PAGE];
};

/* The plaintext of a decision; false where it does not fit. */
bool answer_write(const struct lock *l, const struct answer *a, writer *w);
void missing_write(span key_id, writer *w);

#endif
