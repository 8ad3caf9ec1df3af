#include "judge.h"

uint8_t role_of(const struct lock *l) { return l->tx.bare ? ROLE_OWNER : l->tx.signer.owner ? ROLE_GUEST : ROLE_OPERATOR; }

/* ---- time ---- */

struct moment moment_now(const struct lock *l, uint32_t floor)
{
    struct moment m = {E_FLOOR, 0, 0, floor};
    const struct transaction *t = &l->tx;
    if (has(l, C_CLOCK) && l->world.clock_known && l->world.clock >= floor && l->world.clock <= UINT32_MAX) {
        m.evidence = E_CLOCK;
        m.time = (int64_t)l->world.clock;
        m.offset = l->world.offset;
    } else if (t->token && ((t->live && l->now_ms - t->selected_ms <= LIVE_SECONDS * 1000) || t->token_time >= floor)) {
        m.evidence = t->live && l->now_ms - t->selected_ms <= LIVE_SECONDS * 1000 ? E_LIVE : E_STATED;
        m.time = t->token_time;
        m.offset = t->token_offset;
    }
    return m;
}

/* Section 16.2. */
static int64_t latest(const struct moment *m) { return m->evidence >= E_LIVE && m->time > m->floor ? m->time : m->floor; }

static bool in_hours(const struct schedule *s, const struct moment *m)
{
    int64_t local = m->time + 60 * (int64_t)m->offset;
    if (local < 0) return false;
    unsigned day = (unsigned)((local / 86400 + 3) % 7), minute = (unsigned)(local % 86400 / 60);
    for (size_t i = 0; i < s->n; i++)
        if ((s->w[i].days >> day & 1) && s->w[i].from <= minute && minute < s->w[i].until) return true;
    return false;
}

/* ---- links ---- */

static const uint8_t action_of[] = {0, 1, 2, 4, 8, 16, 32, 0};

static bool targets(const struct lock *l, const struct entry *e)
{
    if (e->kind == TARGET_LOCK) return same(e->target, SPAN(l->mem.lock_id));
    return e->kind == TARGET_AREA && e->target.n <= l->mem.n_area && memcmp(e->target.p, l->mem.area, e->target.n) == 0;
}

/* The first check that the entry fails, numbered as in section 7.7, and its reason; 9 where none. */
static int check_entry(const struct lock *l, const struct entry *e, const struct request *q, const struct moment *now, size_t below, int *reason)
{
    uint8_t action = action_of[q->operation], evidence = e->evidence != 0 ? e->evidence : e->hours.n > 0 ? E_LIVE : E_FLOOR;
    if (!targets(l, e)) return *reason = R_TARGET, 1;
    if (action != 0 && !(e->actions & action)) return *reason = R_ACTION, 2;
    if (e->delegation < below) return *reason = R_DELEGATION, 3;
    if (action != 0 && e->resource != 0 && e->resource != q->resource) return *reason = R_RESOURCE, 4;
    if (e->unknown || (e->count != 0 && !has(l, C_USES))) return *reason = R_CONDITION_UNKNOWN, 5;
    if (e->policy > l->mem.policy_version) return *reason = R_POLICY_VERSION, 6;
    if (action != 0 && now->evidence < evidence) return *reason = R_EVIDENCE, 7;
    if (action != 0 && e->hours.n > 0 && !in_hours(&e->hours, now)) return *reason = R_HOURS, 8;
    return 9;
}

static int judge_link(const struct lock *l, const struct request *q, const struct moment *now, size_t i, uint8_t *decided)
{
    const struct object *o = &l->tx.link[i];
    if (i == 0 && !l->tx.signer.owner && latest(now) >= l->tx.signer.certificate.exp) return R_AUTHORITY_EXPIRED;
    if (latest(now) >= o->exp) return R_EXPIRED;
    if (o->nbf != 0 && latest(now) < o->nbf) return R_NOT_YET_VALID;
    int furthest = 0, reason = R_TARGET;
    for (size_t k = 0; k < o->grant.n; k++) {
        int why = R_NONE, at = check_entry(l, &o->grant.e[k], q, now, l->tx.n_links - 1u - i, &why);
        if (at == 9) {
            *decided = (uint8_t)k;
            return R_NONE;
        }
        if (at > furthest) {
            furthest = at;
            reason = why;
        }
    }
    return reason;
}

/* ---- policy and lists ---- */

static int judge_policy(const struct lock *l, const struct request *q, const struct moment *now, const struct judgement *j)
{
    const struct transaction *t = &l->tx;
    const struct policy *p = l->has_policy ? &l->policy.policy : NULL;
    uint32_t granted_under = t->link[0].grant.e[j->entry[0]].policy;
    uint8_t action = action_of[q->operation];
    if (t->signer.owner && granted_under < l->mem.since) return R_DENIED;
    if (!t->signer.owner) {
        if (certificate_denied(l, &t->signer.certificate, &t->signer.held.root)) return R_DENIED;
        for (size_t i = 0; i < t->n_links; i++)
            if (link_denied(l, &t->signer.key, &t->link[i])) return R_DENIED;
    }
    if (policy_lost(l)) return R_BLOCKED;
    for (size_t i = 0; p != NULL && i < t->n_links; i++)
        for (size_t k = 0; k < p->denied.n; k += TAG)
            if (memcmp(p->denied.p + k, t->link[i].digest, TAG) == 0) return R_DENIED;
    if (p != NULL && t->signer.owner && granted_under < p->least) return R_DENIED;
    if (action == 0) return R_NONE;
    if (p != NULL && (p->block & (t->signer.owner ? BLOCK_GUESTS : BLOCK_SERVICES))) return R_BLOCKED;
    if (t->signer.owner) return R_NONE;
    const struct admission *a = NULL;
    for (size_t i = 0; p != NULL && i < p->n_admissions; i++)
        if (p->admissions[i].service == j->service) a = &p->admissions[i];
    if (a == NULL || !(a->actions & action)) return R_NOT_ADMITTED;
    if (a->hours.n == 0) return R_NONE;
    if (now->evidence < a->evidence) return R_EVIDENCE;
    return in_hours(&a->hours, now) ? R_NONE : R_HOURS;
}

struct judgement judge(const struct lock *l, const struct request *q, const struct moment *now)
{
    struct judgement j = {R_NONE, false, {0}, 0};
    for (size_t i = 0; i < l->tx.n_links; i++)
        if ((j.reason = judge_link(l, q, now, i, &j.entry[i])) != R_NONE) return j;
    if (!l->tx.signer.owner) j.service = entry_service(&l->tx.signer.certificate.authority, &l->tx.link[0].grant.e[j.entry[0]]);
    j.at_policy = true;
    j.reason = judge_policy(l, q, now, &j);
    return j;
}

bool notice_due(const struct lock *l, const struct judgement *j)
{
    if (l->tx.bare || !l->has_policy || policy_lost(l) || !j->at_policy) return false;
    const struct notice *n = &l->policy.policy.notice;
    bool shown = j->reason == R_NONE || j->reason == R_BLOCKED || j->reason == R_EVIDENCE || j->reason == R_HOURS;
    return n->kind != 0 && (n->roles & (l->tx.signer.owner ? 1 : 2)) && shown;
}

/* ---- counted uses ---- */

static struct record *find(struct lasting *d, const uint8_t *tag, uint8_t entry)
{
    for (size_t i = 0; i < USE_RECORDS; i++) {
        struct record *r = &d->records[i];
        if (r->used != 0 && r->entry == entry && memcmp(r->tag, tag, TAG) == 0) return r;
    }
    return NULL;
}

/* An empty place, or that of a record whose exp the floor has reached; the lost time rises by the latter. */
static struct record *room(struct lasting *d, uint32_t floor)
{
    for (size_t i = 0; i < USE_RECORDS; i++)
        if (d->records[i].used == 0) return &d->records[i];
    for (size_t i = 0; i < USE_RECORDS; i++) {
        struct record *r = &d->records[i];
        if (r->exp > floor) continue;
        uint32_t *lost = &d->lost[r->owners ? OWNERS : OPERATORS];
        *lost = later(*lost, r->exp);
        return r;
    }
    return NULL;
}

int use_begin(const struct lock *l, struct lasting *d, const struct judgement *j, uint32_t floor)
{
    const struct transaction *t = &l->tx;
    bool owners = t->signer.owner || !is_root(l, &t->signer.held.root);
    uint32_t exp = UINT32_MAX;
    for (size_t i = 0; i < t->n_links; i++) {
        const struct object *o = &t->link[i];
        const struct entry *e = &o->grant.e[j->entry[i]];
        if (o->exp < exp) exp = o->exp;
        if (e->count == 0) continue;
        struct record *r = find(d, o->digest, j->entry[i]);
        if (r == NULL) {
            if (exp <= d->lost[owners ? OWNERS : OPERATORS]) return R_USES_SPENT;
            if ((r = room(d, floor)) == NULL) return R_TABLE_FULL;
            memset(r, 0, sizeof *r);
            memcpy(r->tag, o->digest, TAG);
            r->entry = j->entry[i];
            r->owners = owners;
            r->exp = exp;
        }
        if (r->starts > 0 && r->starts < e->starts) {
            r->starts++;
        } else {
            if (r->used >= e->count) return R_USES_SPENT;
            r->used++;
            r->starts = 1;
        }
    }
    return R_NONE;
}

bool use_confirm(const struct lock *l, struct lasting *d, const struct judgement *j)
{
    bool any = false;
    for (size_t i = 0; !l->tx.bare && i < l->tx.n_links; i++) {
        const struct object *o = &l->tx.link[i];
        if (o->grant.e[j->entry[i]].count == 0) continue;
        struct record *r = find(d, o->digest, j->entry[i]);
        if (r == NULL) continue;
        r->starts = 0;
        any = true;
    }
    return any;
}
