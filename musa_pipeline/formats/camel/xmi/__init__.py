"""CAMEL models as XMI, in the forms of 2014, 2015.9, 2 and 3, to the statements that CAMEL text has."""
