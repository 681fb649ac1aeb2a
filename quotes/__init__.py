"""Requests for a quote, from the first question to the last step of staff.

The form
    questions    what all questions share: hint, reason, groups
    forms        the questions themselves, one form a step
    health_forms those about health
    steps        which step comes next, what is missing
    answers      all steps together, checked as one
    drafts       the unfinished request, two hours in the session
    time_zones   cities to choose a clock by
    consents     what is consented to, word for word, by version
The lead, as a request is called once it is sent
    models       the records, and what the database refuses
    links        secrets of private pages, references
    pipeline     the verbs: submit, move, assign, note, withdraw
    finding      which leads a caller's words mean
    contact      the verbs of reaching somebody: new link, corrected contact, no more e-mails
    working_days when an answer is due
    notices      which letter goes to whom
In words
    summary      every answer beside its name
    progress     where it stands, for the requester
    desk         the promise, what calls for care, how to reach them, the history, for staff
Edges
    views        the form
    private_page what the secret link opens
    responses    what the answers of both have in common
    urls         the addresses
    admin        the list of leads and its export; destinations
    lead_page    one lead and its buttons
    lead_forms   what staff fill in there
    export       leads as CSV, without anything personal
    roles, demo  who may do what; destinations to try the form with
"""
