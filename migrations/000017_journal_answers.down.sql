DROP TABLE journal.answers;
