DROP INDEX access.grants_granted_by_idx;
