/* The log: entries, heads, pages, sealed pages and receipts (chapter 19). */
#ifndef CLOCK_LOG_H
#define CLOCK_LOG_H

#include "judge.h"

/* Adds an entry to the draft; its sequence is found here. False where the numbers are used up. */
bool log_add(struct lasting *d, struct log_entry e);
/* Removes the entries; sequence and head go on. */
void log_wipe(struct lasting *d);

/* An entry for an event of this moment, by nobody and about nothing. */
struct log_entry log_event(const struct moment *now, uint8_t operation, uint8_t outcome);
void log_who(struct log_entry *e, uint8_t role, const uint8_t who[8]);

void log_page(const struct lasting *m, uint8_t page, uint8_t out[PAGE_BYTES]);
/* Seals a page by section 19.4. */
void log_seal(const uint8_t log_key[32], const uint8_t page[PAGE_BYTES], const uint8_t nonce[NONCE], uint8_t out[SEALED_PAGE]);

/* The entry as chapter 19 has it; its number 0 where it is hidden. */
void log_put(writer *w, const struct log_entry *e, bool hide_sequence);
/* The newest entry, NULL where there is none. */
const struct log_entry *log_newest(const struct lasting *m);

/* A receipt for the visitor of the transaction into out; 0 where it cannot be made. */
size_t receipt_make(const struct lock *l, uint8_t *out, size_t most);

#endif
