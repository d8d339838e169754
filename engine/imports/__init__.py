"""Files of contacts, events and orders: from the bytes of an upload to rows, slice by slice.

`decoding` makes any upload UTF-8 text, `dialect` and `columns` find out what is in it, `records`
cuts it into rows, `rows` makes the items that the API takes of them, and `slices` stores these,
moving the import's position in the same transaction.
"""
