"""A document as the MUSA SLA generator wrote them, in short: one capability, spellings of its own, much left empty."""

GENERATED = """<?xml version="1.0" encoding="UTF-8"?>
<wsag:AgreementOffer
    xmlns:wsag="http://schemas.ggf.org/graap/2007/03/ws-agreement"
    xmlns:specs="http://www.specs-project.eu/resources/schemas/xml/SLAtemplate"
    xmlns:nist="http://www.specs-project.eu/resources/schemas/xml/control_frameworks/nist">
  <wsag:Name>MUSA_SLA_TEMPLATE</wsag:Name>
  <wsag:Context>
    <wsag:AgreementInitiator>CUSTOMER</wsag:AgreementInitiator>
    <wsag:AgreementResponder>PROVIDER</wsag:AgreementResponder>
    <wsag:ServiceProvider>AgreementResponder</wsag:ServiceProvider>
  </wsag:Context>
  <wsag:Terms>
    <wsag:All>
      <wsag:ServiceDescriptionTerm wsag:Name="TSMEngine" wsag:ServiceName="custom web app">
        <specs:serviceDescription>
          <specs:capabilities>
            <specs:capability id="" name="Requested capability for component TSMEngine" description="" mandatory="">
              <specs:controlFramework id="NIST_800_53_r4" frameworkName="NIST Control framework 800-53 rev. 4">
                <specs:NISTsecurityControl id="SC-5(3)" name="DETECTION" control_family="SC" securityControl="5" control_enhancement="">
                  <nist:description> </nist:description>
                  <nist:importance_weight>CRITICAL</nist:importance_weight>
                </specs:NISTsecurityControl>
                <!-- Other Controls selected-->
                <specs:NISTsecurityControl id="RA-5" name="SCANNING" control_family="RA" securityControl="5" control_enhancement="">
                  <nist:description> </nist:description>
                  <nist:importance_weight>MEDIUM</nist:importance_weight>
                </specs:NISTsecurityControl>
                <specs:NISTsecurityControl id="?" name="?" control_family="" securityControl="" control_enhancement="">
                  <nist:description> </nist:description>
                  <nist:importance_weight>LOW</nist:importance_weight>
                </specs:NISTsecurityControl>
              </specs:controlFramework>
            </specs:capability>
          </specs:capabilities>
          <specs:security_metrics>
            <specs:Metric name="Vulnerability Measure" referenceId="">
              <specs:MetricDefinition>
                <specs:unit name="%"/>
              </specs:MetricDefinition>
            </specs:Metric>
          </specs:security_metrics>
        </specs:serviceDescription>
      </wsag:ServiceDescriptionTerm>
      <wsag:GuaranteeTerm wsag:Name="//specs:capability[@name=TSMEngine]" wsag:Obligated="">
        <wsag:ServiceLevelObjective>
          <wsag:CustomServiceLevel>
            <specs:objectiveList>
              <specs:SLO SLO_ID="0">
                <specs:MetricREF>Vulnerability Measure</specs:MetricREF>
                <specs:SLOexpression>
                  <specs:oneOpExpression operator="ge (&gt;=)" operand="95"/>
                </specs:SLOexpression>
                <specs:importance_weight>MEDIUM</specs:importance_weight>
              </specs:SLO>
            </specs:objectiveList>
          </wsag:CustomServiceLevel>
        </wsag:ServiceLevelObjective>
        <wsag:BusinessValueList/>
      </wsag:GuaranteeTerm>
    </wsag:All>
  </wsag:Terms>
</wsag:AgreementOffer>
"""


def offer(terms: str, name: str = "Weather") -> bytes:
    """Return a provider's offer with these terms."""
    return f"""<wsag:AgreementOffer xmlns:wsag="http://schemas.ggf.org/graap/2007/03/ws-agreement"
    xmlns:specs="http://www.specs-project.eu/resources/schemas/xml/SLAtemplate"
    xmlns:nist="http://www.specs-project.eu/resources/schemas/xml/control_frameworks/nist">
<wsag:Name>{name}</wsag:Name>
<wsag:Context><wsag:AgreementResponder>Weather Ltd</wsag:AgreementResponder></wsag:Context>
<wsag:Terms><wsag:All>
{terms}
</wsag:All></wsag:Terms>
</wsag:AgreementOffer>
""".encode()


def described(*controls: str) -> str:
    """Return a service description with these controls, each in a capability of its own."""
    capabilities = "\n".join(
        f"""<specs:capability id="C"><specs:controlFramework id="NIST_800_53_r5">{each}</specs:controlFramework></specs:capability>"""
        for each in controls
    )
    return f"""<wsag:ServiceDescriptionTerm wsag:Name="Weather API"><specs:serviceDescription>
<specs:capabilities>
{capabilities}
</specs:capabilities></specs:serviceDescription></wsag:ServiceDescriptionTerm>"""


def control(family: str, number: str, enhancement: str, weight: str = "LOW", title: str = "Title") -> str:
    """Return one control as SPECS writes it."""
    return (
        f'<specs:NISTsecurityControl id="X_{family}_{number}" name="{title}" control_family="{family}" securityControl="{number}" '
        f'control_enhancement="{enhancement}"><nist:importance_weight>{weight}</nist:importance_weight></specs:NISTsecurityControl>'
    )


def guarantee(expression: str, before: str = "", obligated: str = "ServiceProvider") -> str:
    """Return a guarantee of one objective on the metric `age`."""
    return f"""<wsag:GuaranteeTerm wsag:Name="G" wsag:Obligated="{obligated}">{before}<wsag:ServiceLevelObjective><wsag:CustomServiceLevel>
<specs:objectiveList><specs:SLO SLO_ID="one"><specs:MetricREF>age</specs:MetricREF>
<specs:SLOexpression>{expression}</specs:SLOexpression>
<specs:importance_weight>LOW</specs:importance_weight></specs:SLO></specs:objectiveList>
</wsag:CustomServiceLevel></wsag:ServiceLevelObjective></wsag:GuaranteeTerm>"""


def variable(name: str, metric: str) -> str:
    """Return the property that an objective refers to."""
    return (
        '<wsag:ServiceProperties wsag:Name="P" wsag:ServiceName="S"><wsag:VariableSet>'
        f'<wsag:Variable wsag:Name="{name}" wsag:Metric="{metric}"><wsag:Location/></wsag:Variable>'
        "</wsag:VariableSet></wsag:ServiceProperties>"
    )


def one(operator: str, operand: str) -> str:
    """Return a single bound."""
    return (
        f"<specs:oneOpExpression><specs:operator>{operator}</specs:operator>"
        f"<specs:operand>{operand}</specs:operand></specs:oneOpExpression>"
    )
