"""Every sum of the index, found anew from the rows it stands for; and whether one is wrong.

Unlike all other statements these walk whole tables: some seconds at a million blocks.
"""

from typing import Final

from storage.packs import RECORD
from storage.sql.statements import Sql

RECOUNT: Final = (
    "UPDATE space SET used = 0",
    """UPDATE space SET used = t.used FROM (
        SELECT r.space AS id, sum(b.size) AS used
        FROM reference r CROSS JOIN block b ON b.id = r.block GROUP BY r.space
    ) t WHERE t.id = space.id""",
    """DELETE FROM charge WHERE NOT EXISTS (
        SELECT 1 FROM reference r WHERE r.space = charge.space AND r.block = charge.block
    )""",
    """UPDATE charge SET size = t.size FROM (SELECT id, size FROM block) t
        WHERE t.id = charge.block""",
    """UPDATE payer SET used = (
        SELECT coalesce(sum(c.size), 0) FROM charge c WHERE c.payer = payer.id
    )""",
    "UPDATE session SET reserved = 0",
    """UPDATE session SET reserved = t.reserved FROM (
        SELECT s.session AS id, sum(b.size) AS reserved
        FROM staged s CROSS JOIN block b ON b.id = s.block GROUP BY s.session
    ) t WHERE t.id = session.id""",
    """UPDATE owner SET
        used = (SELECT coalesce(sum(p.used), 0) FROM space p WHERE p.owner = owner.id),
        reserved = (SELECT coalesce(sum(s.reserved), 0) FROM space p
                    JOIN session s ON s.space = p.id WHERE p.owner = owner.id)""",
    "UPDATE block SET holders = 0",
    """UPDATE block SET holders = t.holders FROM (
        SELECT block AS id, count(*) AS holders FROM (
            SELECT block FROM reference UNION ALL SELECT block FROM staged
        ) held GROUP BY block
    ) t WHERE t.id = block.id""",
    "DELETE FROM garbage WHERE block NOT IN (SELECT id FROM block WHERE holders = 0)",
    """INSERT INTO garbage (block)
        SELECT id FROM block WHERE holders = 0 ON CONFLICT DO NOTHING""",
    f"""UPDATE pack SET live = (
        SELECT coalesce(sum(b.size + {RECORD}), 0) FROM block b WHERE b.pack = pack.id
    )""",
    """UPDATE inbox SET
        messages = (SELECT count(*) FROM message m WHERE m.inbox = inbox.id),
        bytes = (SELECT coalesce(sum(length(m.sealed)), 0) FROM message m
                 WHERE m.inbox = inbox.id)""",
)

_LIVE: Final = f"SELECT pack AS id, sum(size + {RECORD}) AS live FROM block GROUP BY pack"
# A weight that differs from block to block makes two wrong counts that cancel out be seen.
_WEIGHT: Final = "(block % 1000003 * 2654435761 % 1000003)"
_HELD: Final = f"""
    SELECT count(*), coalesce(sum({_WEIGHT}), 0) FROM (
        SELECT block FROM reference UNION ALL SELECT block FROM staged
    ) held
"""
_HOLDERS: Final = f"""
    SELECT coalesce(sum(holders), 0), coalesce(sum(holders * {_WEIGHT.replace("block", "id")}), 0)
    FROM block
"""
_WRONG: Final = {
    "blocks that wait to be collected though they are held, or the other way round": """
        SELECT count(*) FROM block b LEFT JOIN garbage g ON g.block = b.id
        WHERE (b.holders = 0) <> (g.block IS NOT NULL)""",
    "references to blocks that the index does not have": """
        SELECT count(*) FROM reference r LEFT JOIN block b ON b.id = r.block WHERE b.id IS NULL""",
    "staged blocks that the index does not have": """
        SELECT count(*) FROM staged s LEFT JOIN block b ON b.id = s.block WHERE b.id IS NULL""",
    "small blocks without bytes": """
        SELECT count(*) FROM block b LEFT JOIN inline i ON i.block = b.id
        WHERE b.pack = 0 AND i.block IS NULL""",
    "members who are charged for blocks that their space does not hold": """
        SELECT count(*) FROM charge c
        LEFT JOIN reference r ON r.space = c.space AND r.block = c.block WHERE r.space IS NULL""",
    "members whose charges are miscounted": """
        SELECT count(*) FROM payer p LEFT JOIN (
            SELECT payer, sum(size) AS used FROM charge GROUP BY payer
        ) t ON t.payer = p.id WHERE p.used <> coalesce(t.used, 0)""",
    "packs whose live bytes are miscounted": f"""
        SELECT count(*) FROM pack p LEFT JOIN ({_LIVE}) t ON t.id = p.id
        WHERE p.live <> coalesce(t.live, 0)""",
    "blocks in packs that the index does not have": """
        SELECT count(*) FROM block b LEFT JOIN pack p ON p.id = b.pack
        WHERE b.pack <> 0 AND p.id IS NULL""",
}


def wrong_sums(sql: Sql) -> list[str]:
    """What does not add up in the index, in words; nothing when all is well."""
    counted = [(sql.row(statement), what) for what, statement in _WRONG.items()]
    found = [f"{row[0]} {what}" for row, what in counted if row is not None and row[0]]
    if sql.row(_HELD) != sql.row(_HOLDERS):
        found.append("how many hold each block is miscounted")
    return found
