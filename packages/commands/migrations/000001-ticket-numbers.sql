-- Human ticket numbers. A sequence and not a counter row: creating tickets must not queue up behind one lock, and a gap
-- after a crash harms nobody, while a number given twice would.
create sequence desk.ticket_numbers as bigint minvalue 1001 start 1001;
