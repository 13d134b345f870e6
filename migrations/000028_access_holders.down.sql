DROP INDEX access.grants_holders_idx;
