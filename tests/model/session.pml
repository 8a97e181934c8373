/* One campaign session between its tenant, two moderators, two clocks, a worker and a killer.
 *
 * What may follow what is not written here: `transitions.pml` is generated from the product's own
 * table (campaigns/states.py). Every atomic block is one transaction; between what a process reads
 * and what it writes anything may happen, as between two statements of different connections.
 *
 * Promises, asserted at every step:
 *   SAMEVER  what is sent is the version somebody approved
 *   ONCE     a case is decided once
 *   CLOSED   a session waits for validation exactly while its case is open
 *   TABLE    a move begins in the state it was chosen for
 *   MONEY    a hold is settled once, and only one that was placed
 * Seeded bugs, each of which must be found: NO_CAS, NO_VERSION_CHECK, NO_UNDO_CHECK,
 * CANCEL_LEAVES_CASE, SETTLE_TWICE.
 */
#include "transitions.pml"

/* How often each acts: what a run can afford. `make soak` gives everybody one turn more. */
#ifndef MORE
#define MORE 0
#endif

#ifdef SENDING
#define WORKS 5
#else
#define WORKS 2
#endif

#define APPROVES 1
#define REFUSES 2
#define ASKS 3

byte state = S_DRAFT;
byte state_version = 0;
byte version = 0;            /* of the content: what would leave now */
byte approved = 0;           /* the version the approval is of */

bool case_open = false;
byte case_version = 0;       /* what the case shows */
byte holder = 0;
byte fence = 0;
byte vote = 0;               /* the voter whose decision waits for its time */
byte verdict = 0;
byte vote_version = 0;       /* what the voter saw */
byte decisions = 0;          /* of this case */

bool held = false;
byte settlements = 0;
bool meddled = false;

/* Compare-and-set on state and version, as `move_session` does. */
#ifdef NO_CAS
#define UNCHANGED(seen, seen_version) true
#else
#define UNCHANGED(seen, seen_version) (state == seen && state_version == seen_version)
#endif
#define move(seen, seen_version, event) \
  target_##event(seen, to); \
  if \
  :: to != NONE && UNCHANGED(seen, seen_version) -> \
     assert(state == seen); state = to; state_version++; ok = true \
  :: else -> ok = false \
  fi

inline open_case() {
  case_open = true; case_version = version; decisions = 0; holder = 0; vote = 0
}

inline close_case() { case_open = false; holder = 0; vote = 0 }

inline read() { atomic { seen = state; seen_version = state_version } }

proctype tenant() {
  byte seen, seen_version, to, turns = 0; bool ok;
  do
  :: turns < 2 + MORE -> turns++;
     read();
     if
     :: atomic { move(seen, seen_version, E_SUBMIT);
          if :: ok -> version++ :: else -> skip fi }
     :: atomic { move(seen, seen_version, E_EDIT);
          if :: ok -> version++ :: else -> skip fi }
     :: atomic { move(seen, seen_version, E_CANCEL);
#ifndef CANCEL_LEAVES_CASE
          if :: ok && case_open -> close_case() :: else -> skip fi
#endif
        }
     fi
  :: break
  od
}

proctype moderator(byte me) {
  byte mine = 0, saw = 0, turns = 0;
  do
  :: turns < 1 + MORE -> turns++;
     if
     /* A lease may have run out: whoever comes next takes it, with the next number. */
     :: atomic { case_open && vote == 0 -> holder = me; fence++; mine = fence; saw = case_version };
        if
        :: atomic { case_open && vote == 0 && holder == me && fence == mine ->
             vote = me; vote_version = saw;
             if :: verdict = APPROVES :: verdict = REFUSES :: verdict = ASKS fi };
           if
           :: atomic { case_open && vote == me && fence == mine -> vote = 0 }
           :: skip
           fi
        :: skip
        fi
     :: skip
     fi
  :: break
  od
}

proctype clock() {
  byte seen, seen_version, to, due, due_fence, turns = 0; bool ok;
  do
  :: turns < 1 + MORE -> turns++;
     atomic { due = vote; due_fence = fence; seen = state; seen_version = state_version };
     if
#ifndef SENDING
     :: due == 0 -> skip
#else
     :: due == 0 ->
        if
        :: atomic { move(seen, seen_version, E_LAPSE);
             if :: ok && case_open -> close_case() :: else -> skip fi }
        :: atomic { move(seen, seen_version, E_SCHEDULE) }
        :: atomic { move(seen, seen_version, E_DUE) }
        :: skip
        fi
#endif
     :: due != 0 ->
        atomic {
          if
#ifdef NO_UNDO_CHECK
          :: case_open ->
#else
          :: case_open && vote == due && fence == due_fence ->
#endif
             if
#ifndef NO_VERSION_CHECK
             :: version != vote_version -> vote = 0; holder = 0
#endif
#ifdef NO_VERSION_CHECK
             :: true ->
#else
             :: version == vote_version ->
#endif
                if
                :: verdict == APPROVES -> move(seen, seen_version, E_APPROVE)
                :: verdict == REFUSES -> move(seen, seen_version, E_REFUSE)
                :: verdict == ASKS -> move(seen, seen_version, E_REQUEST_CHANGES)
                fi;
                if
                :: ok ->
#ifdef NO_UNDO_CHECK
                   assert(vote == due);
#endif
                   decisions++; assert(decisions == 1);
                   if
                   :: verdict == APPROVES -> approved = vote_version; assert(version == approved)
                   :: else -> skip
                   fi;
                   close_case()
                :: else -> skip
                fi
             fi
          :: else -> skip
          fi }
     fi
  :: break
  od
}

inline settle() {
#ifdef SETTLE_TWICE
  atomic { settlements++ };
  atomic { move(seen, seen_version, E_COMPLETE) }
#else
  atomic { move(seen, seen_version, E_COMPLETE); if :: ok -> settlements++ :: else -> skip fi }
#endif
}

proctype worker() {
  byte seen, seen_version, to, turns = 0; bool ok;
end:
  do
  :: turns < WORKS + MORE && (state == S_SCREENING || state == S_APPROVED ||
       state == S_PREPARING || state == S_SENDING || state == S_SETTLING) ->
     turns++;
     read();
     if
     :: seen == S_SCREENING -> atomic {
          move(seen, seen_version, E_NEED_VALIDATION); if :: ok -> open_case() :: else -> skip fi }
     :: seen == S_APPROVED -> atomic { move(seen, seen_version, E_START) }
     :: seen == S_PREPARING -> atomic {
          if
#ifndef NO_VERSION_CHECK
          :: version != approved ->
             move(seen, seen_version, E_EXCEED_BOUNDS); if :: ok -> open_case() :: else -> skip fi
#endif
          :: else ->
             move(seen, seen_version, E_HOLD); if :: ok -> held = true :: else -> skip fi
          fi }
     :: seen == S_SENDING -> atomic {
          if :: state == S_SENDING -> assert(version == approved) :: else -> skip fi;
          move(seen, seen_version, E_DRAIN) }
     :: seen == S_SETTLING -> settle()
     :: else -> skip
     fi
  od
}

proctype settler() {
  byte seen, seen_version, to; bool ok;
  do
  :: state == S_SETTLING -> read(); if :: seen == S_SETTLING -> settle() :: else -> skip fi; break
  :: break
  od
}

proctype killer() {
  byte seen, seen_version, to; bool ok;
  if
  :: read(); atomic { move(seen, seen_version, E_KILL);
       if :: ok && case_open -> close_case() :: else -> skip fi }
  :: read(); atomic { move(seen, seen_version, E_REVOKE); if :: ok -> open_case() :: else -> skip fi }
  :: skip
  fi
}

/* Somebody changes the row itself, below every rule: until it is being sent. */
proctype meddler() {
  if
  :: atomic { !meddled && state != S_SENDING && version > 0 -> meddled = true; version++ }
  :: skip
  fi
}

proctype monitor() {
end: atomic {
    !((case_open == (state == S_AWAITING_VALIDATION)) && settlements <= 1 &&
      (settlements == 0 || held)) -> assert(false)
  }
}

/* Two scenes, each small enough to be searched in full. */
init {
  atomic {
    run tenant(); run moderator(1); run clock(); run worker(); run monitor();
#ifdef SENDING
    run settler(); run killer()
#else
    run moderator(2); run clock(); run meddler()
#endif
  }
}
